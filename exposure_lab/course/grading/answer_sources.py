"""Code of answers, for a comparison of students: what they wrote, and what all were handed out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from exposure_lab.course.grading.batch_folder import ANSWERS, BatchFolder, read_answers_file
from exposure_lab.course.grading.record import list_records
from exposure_lab.course.release.manifest import STUDENT, Manifest
from exposure_lab.files.json_files import read_json_object


def answer_sources(batch: BatchFolder) -> Mapping[str, Mapping[str, str]]:
    """Student to question to the code of the answer, of all that was ever graded here."""
    sources: dict[str, dict[str, str]] = {}
    for record in list_records(batch.root):
        folder = batch.chapter(record.student, record.chapter)
        if (folder / ANSWERS).exists():
            of_student = sources.setdefault(record.student, {})
            for cell in read_answers_file(folder).cells:
                if cell.question is not None:
                    of_student[cell.question] = cell.source
    return sources


def handed_out_code(release: Path, manifest: Manifest) -> Mapping[str, Sequence[str]]:
    """Question to the code that its cell was handed out with. Raises FilesError."""
    known: dict[str, list[str]] = {}
    for chapter in manifest.chapters:
        notebook = read_json_object(release / STUDENT / chapter.file)
        for cell in notebook["cells"]:
            question = cell["metadata"].get("exposure_lab", {}).get("question")
            if question and "answer" in cell["metadata"].get("tags", ()):
                known.setdefault(question, []).append("".join(cell["source"]))
    return known
