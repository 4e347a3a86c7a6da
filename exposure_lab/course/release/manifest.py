"""Manifest of a release: the instructor's private part, from which a grading starts.

Its `release` is a fingerprint of all that it holds, but for itself and the commit. So the same
chapters, questions and seed have the same release, whatever else has changed in the project.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from exposure_lab.course.graded.question import Tier
from exposure_lab.course.graded.question import Tolerance as QuestionTolerance
from exposure_lab.errors import GradingError
from exposure_lab.files.json_files import read_json_object, write_json

FILE = "instructor/manifest.json"
"""Path of the manifest in the folder of a release."""

STUDENT = "student"
"""Folder of a release that students get."""

RELEASE = re.compile(r'("release": ")[0-9a-f]*(")')
"""Matches the mark of its release in a student's notebook."""

Points = Annotated[int, Field(ge=1)]


class _Entry(BaseModel):
    """Base of all parts of a manifest: frozen, without unknown keys, NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Tolerance(_Entry):
    """Largest difference that counts as none: ``absolute + relative * |expected|``."""

    relative: float
    absolute: float

    @classmethod
    def of(cls, tolerance: QuestionTolerance) -> "Tolerance":
        """Tolerance that a question states."""
        return cls(relative=tolerance.relative, absolute=tolerance.absolute)


class ManifestChapter(_Entry):
    """Notebook that was handed out."""

    file: str
    """Such as ``01_exposure.ipynb``, in the folder `STUDENT`."""
    number: str
    title: str
    sha256: str
    """Of the file but for the mark of its release, see `content_hash`."""
    setup: str
    """Source of its cell with imports, which runs before the answers in the sandbox."""


class ManifestEntry(_Entry):
    """What the questions that a program and a person mark have in common."""

    id: str
    chapter: str
    cell_id: str
    """Id of the answer's cell."""
    points: Points


class ManifestQuestion(ManifestEntry):
    """Graded question as it was handed out."""

    name: str
    """Function or variable that the cell defines."""
    tier: Tier
    parts: dict[str, Points]
    variant: dict[str, Any]
    stub: str
    """First line of code that the cell holds when it is handed out."""
    leaves_out: tuple[str, ...]
    tolerance: Tolerance


class ManifestWritten(ManifestEntry):
    """Question whose answer is a text that a person marks."""


class Manifest(_Entry):
    """All that a grading needs to know of a release."""

    release: str = ""
    """16 hexadecimal digits; see `sealed`."""
    seed: int
    version: str
    """Of the package."""
    commit: str
    chapters: tuple[ManifestChapter, ...]
    questions: tuple[ManifestQuestion, ...]
    written: tuple[ManifestWritten, ...] = ()

    @property
    def entries(self) -> tuple[ManifestEntry, ...]:
        """All questions, those that a person marks last."""
        return (*self.questions, *self.written)

    @model_validator(mode="after")
    def _check_references(self) -> "Manifest":
        numbers = {chapter.number for chapter in self.chapters}
        ids = [entry.id for entry in self.entries]
        if len(ids) != len(set(ids)):
            raise ValueError("a question is there twice")
        if any(entry.chapter not in numbers for entry in self.entries):
            raise ValueError("a question is of a chapter that is not there")
        if any(sum(entry.parts.values()) != entry.points for entry in self.questions):
            raise ValueError("the points of a question's parts do not add up to its own")
        return self

    def fingerprint(self) -> str:
        """Compute the release from everything else, but for the commit."""
        content = self.model_dump(mode="json", exclude={"release", "commit"})
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def sealed(self) -> "Manifest":
        """Copy with the release that its contents make."""
        return self.model_copy(update={"release": self.fingerprint()})


def content_hash(notebook: str) -> str:
    """SHA-256 of a student's notebook as text, but for the mark of its release.

    The mark depends on this hash, so it cannot be part of it.
    """
    return hashlib.sha256(RELEASE.sub(r"\1\2", notebook).encode()).hexdigest()


def write_manifest(folder: Path | str, manifest: Manifest) -> None:
    """Write the manifest into the folder of a release. Raises FilesError."""
    write_json(Path(folder) / FILE, manifest.model_dump(mode="json"))


def read_manifest(folder: Path | str) -> Manifest:
    """Read the manifest of a release.

    Args:
        folder: what ``course release`` wrote.

    Raises:
        GradingError: there is none, it does not parse, or somebody changed it.
        FilesError: it cannot be read, or is no JSON.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        raise GradingError(
            f"Expected a release with {FILE} in {folder}, but there is none: choose the folder "
            "that `exposure-lab course release` wrote."
        )
    try:
        manifest = Manifest.model_validate(read_json_object(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"{where}: {first['msg']}" if where else first["msg"]
        raise GradingError(
            f"Expected a manifest in {path}, but it is none ({what}): make the release again with "
            "this version of the package."
        ) from error
    if manifest.release != manifest.fingerprint():
        raise GradingError(
            f"Expected in {path} what the release was made of, but it was changed since: bring it "
            "back, or make the release again with the same seed."
        )
    return manifest
