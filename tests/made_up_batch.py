"""A release of a small chapter and submissions to it, for the tests of whole gradings."""

import json
from pathlib import Path

import pytest
from made_up_course import FILE, OWN_QUESTIONS, course, package_has, write_book

from exposure_lab.course.grading.batch import Plan, plan_batch, run_tasks
from exposure_lab.course.grading.batch_folder import BatchFolder, BatchSettings
from exposure_lab.course.grading.record import Record
from exposure_lab.course.grading.sandbox.probe import probe
from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.release.manifest import Manifest, read_manifest
from exposure_lab.course.release.release_folder import write_release

needs_sandbox = pytest.mark.skipif(
    not probe().usable, reason="needs a sandbox, and this machine has none (see doctor)"
)


def write_small_release(folder: Path, seed: int = 5) -> Manifest:
    """Write a release of the small chapter, whose questions are those of `OWN_QUESTIONS`."""
    book = write_book(folder.with_name("book"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        package_has(monkeypatch)
        write_release(folder, course(book, seed).release())
    return read_manifest(folder)


class Class:
    """Folder of submissions to the small release, and the grading of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.release = root / "release"
        self.manifest = write_small_release(self.release)
        self.submissions = root / "submissions"
        self.submissions.mkdir()
        self.batch = BatchFolder(root / "grades")
        scale, square = self.manifest.questions
        self.scale, self.square = scale.variant["factor"], square.variant["factor"]

    def hand_in(self, student: str, scale: str, squared: str, words: str = "*Write here.*") -> None:
        """Hand in a notebook with these answers."""
        text = (self.release / "student" / FILE).read_text(encoding="utf-8")
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            own = cell["metadata"].get("exposure_lab", {})
            if "answer" in cell["metadata"].get("tags", ()):
                answers = {"01.scale": scale, "01.square": squared}
                cell["source"] = answers.get(own["question"], cell["source"])
            elif "written" in own:
                cell["source"] = words
        (self.submissions / f"{student}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    def hand_in_right(self, student: str) -> None:
        """Hand in a notebook that earns all points."""
        self.hand_in(
            student,
            f"def scale(x):\n    return {self.scale} * x",
            f"squared = {self.square} ** 2",
            "A stop is a doubling of the light.",
        )

    def settings(self, seed: int = 3) -> BatchSettings:
        """Settings of this grading; the batch is begun."""
        settings = BatchSettings(
            str(self.release),
            self.manifest.release,
            seed,
            questions_folder=str(OWN_QUESTIONS),
            seconds=5.0,
        )
        return self.batch.open(settings)

    def plan(self) -> Plan:
        """What a run would grade now."""
        work = self.root / f"work-{len(list(self.root.iterdir()))}"
        found = collect(self.submissions, self.manifest, work)
        return plan_batch(found, self.settings(), self.batch)

    def grade(self, jobs: int = 1, scheduler: str | None = None) -> dict[str, Record]:
        """Grade what is new, and give the new records by student."""
        settings, plan = self.settings(), self.plan()
        records = run_tasks(plan.tasks, settings, self.batch, jobs=jobs, scheduler=scheduler)
        return {record.student: record for record in records}
