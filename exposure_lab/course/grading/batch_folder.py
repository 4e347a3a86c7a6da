"""Folder of a batch of grades: where everything lies, and what its grading was started with."""

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from exposure_lab.course.grading.submissions.answers import Answers, CellSource
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import read_json_object, write_json
from exposure_lab.fingerprints import digest

BATCH, ANSWERS = "batch.json", "answers.json"


@dataclass(frozen=True)
class BatchSettings:
    """What all gradings of a batch have in common."""

    release: str
    """Folder of the release."""
    release_id: str
    """The release's own mark, from its manifest."""
    seed: int
    """From which those of the hidden inputs come, one a round."""
    questions_folder: str | None = None
    """Folder of the instructor's own questions."""
    sandboxed: bool = True
    seconds: float = 20.0
    """Time that a question may take."""
    round: int = 0
    """Rounds that ended: pages of students may show what their answers were run on."""

    @property
    def own_questions(self) -> Path | None:
        """Folder of the instructor's own questions."""
        return Path(self.questions_folder) if self.questions_folder else None

    @property
    def round_seed(self) -> int:
        """Seed of the hidden inputs of what is new or changed in this round."""
        if self.round == 0:
            return self.seed
        return int(digest("round", self.seed, self.round)[:8], 16) // 2


@dataclass(frozen=True)
class BatchFolder:
    """Folder that `course grade` writes to."""

    root: Path

    @property
    def references(self) -> Path:
        """Folder of the references and hidden inputs of the first round, one file a chapter."""
        return self.root / "references"

    def references_of(self, seed: int) -> Path:
        """Folder of the references and hidden inputs of the round with this seed.

        Raises:
            GradingError: there are no grades in the folder.
        """
        return self.references if seed == self.begun().seed else self.references / str(seed)

    @property
    def stages(self) -> Path:
        """Folder of the packages that sandboxes see."""
        return self.root / "stages"

    def chapter(self, student: str, chapter: str) -> Path:
        """Folder of one grading."""
        return self.root / "students" / folder_name(student) / (chapter or "none")

    def settings(self) -> BatchSettings | None:
        """What the batch was started with; None where it was not.

        Raises:
            GradingError: the file is of another version of this package.
        """
        path = self.root / BATCH
        if not path.exists():
            return None
        # Batches from before there were rounds have had one, whose pages were written.
        kept = {"round": 1, **read_json_object(path)}
        try:
            return BatchSettings(**kept)
        except TypeError as error:
            raise GradingError(
                f"Expected the settings of a batch in {path}, but they are of another version "
                f"({error}): grade into a new folder."
            ) from None

    def begun(self) -> BatchSettings:
        """What the batch was started with.

        Raises:
            GradingError: there are no grades in the folder.
        """
        if (settings := self.settings()) is None:
            raise GradingError(
                f"Expected grades in {self.root}, but there are none: choose the folder that "
                "`course grade` wrote."
            )
        return settings

    def open(self, settings: BatchSettings) -> BatchSettings:
        """Begin a batch, or go on with one of the same release, in the round that it has come to.

        Raises:
            GradingError: the folder holds grades of another release or seed, or something else.
        """
        begun = self.settings()
        if begun is None:
            if self.root.exists() and any(self.root.iterdir()):
                raise GradingError(
                    f"Expected an empty folder for the grades, but {self.root} holds other files: "
                    "choose another one."
                )
            self.root.mkdir(parents=True, exist_ok=True)
        elif begun.release_id != settings.release_id:
            raise GradingError(
                f"Expected grades of release {settings.release_id} in {self.root}, but they are "
                f"of release {begun.release_id}: choose another folder for this release."
            )
        elif begun.seed != settings.seed:
            raise GradingError(
                f"Expected seed {begun.seed}, with which the grades in {self.root} were begun, but "
                f"got {settings.seed}: leave --seed out, or choose another folder."
            )
        settings = replace(settings, round=begun.round if begun else 0)
        write_json(self.root / BATCH, asdict(settings))
        return settings

    def end_round(self) -> None:
        """Give whatever is graded from now on other hidden inputs.

        Called before pages are written: an answer may print what it was run on, and its student
        may hand in again, or tell a friend.

        Raises:
            GradingError: there are no grades in the folder.
        """
        settings = self.begun()
        write_json(self.root / BATCH, asdict(replace(settings, round=settings.round + 1)))


def folder_name(student: str) -> str:
    """Name of a student's folder: readable, safe on every system, and no other student's."""
    readable = re.sub(r"[^\w.-]+", "_", student).strip("._")[:40] or "student"
    return f"{readable}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


def write_answers(folder: Path, answers: Answers) -> None:
    """Write a student's answers into the folder of their grading."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / ANSWERS, asdict(answers))


def read_answers_file(folder: Path) -> Answers:
    """Read what `write_answers` wrote. Raises FilesError."""
    data: dict[str, Any] = read_json_object(folder / ANSWERS)
    cells = tuple(CellSource(**cell) for cell in data["cells"])
    return Answers(data["chapter"], cells, data["texts"], data["remarks"])
