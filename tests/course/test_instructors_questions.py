"""The question that the instructors' part shows whole: reference, wrong answers, a grading."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exposure_lab.course.graded.question import GradedQuestion
from exposure_lab.course.graded.registry import graded_questions, private_questions
from exposure_lab.course.grading.evidence import CaseEvidence, Evidence
from exposure_lab.course.grading.judge import PartVerdict, judge_question
from exposure_lab.course.grading.references import prepare
from exposure_lab.course.grading.sandbox.probe import probe
from exposure_lab.course.grading.wire import decode, encode
from exposure_lab.course.release.manifest import read_manifest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "book" / "instructors" / "questions.md").read_text(encoding="utf-8")
QUESTION = "01.clipped-share"

RIGHT = "return float((photo < {percent} / 100).all(axis=2).mean())"
ONE_CHANNEL = "return float((photo < {percent} / 100).any(axis=2).mean())"
CONSTANT = "return 0.0"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def write_folder(root: Path) -> Path:
    """Write the page's file into the folder that the page names."""
    (source,) = blocks("python")
    folder = root / "own"
    folder.mkdir()
    (folder / "ch01.py").write_text(source, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def question(folder: Path) -> GradedQuestion:
    return graded_questions("01", folder)[QUESTION]


def judge(question: GradedQuestion, seed: int, answer: Callable[..., Any]) -> list[PartVerdict]:
    """Verdicts on an answer in the variant and on the inputs of one seed."""
    given = prepare(question, question.variant(seed), seed)
    assert given.inputs is not None
    values = [answer(*(decode(one) for one in arguments)) for arguments in given.inputs]
    found = tuple(CaseEvidence(encode(value)) for value in values)
    return judge_question(given.reference, Evidence(question.id, found))


def published(photo: Any) -> float:
    """The chapter's own solution, as it is in the repository."""
    chapter = json.loads((ROOT / "book" / "01_exposure.ipynb").read_text(encoding="utf-8"))
    (cell,) = [one for one in chapter["cells"] if one.get("id") == "answer-01-clipped-share"]
    names: dict[str, Any] = {"np": np}
    exec("".join(cell["source"]), names)
    return float(names["share_of_clipped"](photo))


def test_it_takes_the_place_of_the_package_s_own(folder: Path, question: GradedQuestion) -> None:
    others = graded_questions("01")
    assert question.objective != others[QUESTION].objective
    assert set(graded_questions("01", folder)) == set(others)
    assert private_questions(folder) == {QUESTION}


def test_the_reference_is_right_and_each_mistake_gets_its_sentence(
    question: GradedQuestion,
) -> None:
    for seed in range(5):
        variant = question.variant(seed)
        assert all(one.right for one in judge(question, seed, question.reference(variant)))
        for cause, wrong in question.mistakes(variant).items():
            failed = [one for one in judge(question, seed, wrong) if not one.right]
            assert {one.sentence for one in failed} == {f"Expected {question.what}, but {cause}."}


def test_points_are_as_the_page_says(question: GradedQuestion) -> None:
    """One for one dark channel, none for the published solution, nor for a constant."""
    for seed in range(5):
        (one_channel, _) = question.mistakes(question.variant(seed)).values()
        earned = [
            sum(question.parts[one.part] for one in judge(question, seed, answer) if one.right)
            for answer in (one_channel, published, lambda _photo: 0.0)
        ]
        assert earned == [1, 0, 0]
    (quoted,) = re.findall(r"earns 1 of 3 points, and reads: \"(.*?)\"", PAGE, re.DOTALL)
    failed = [one for one in judge(question, seed, one_channel) if not one.right]
    assert failed[0].sentence == " ".join(quoted.split())


def hand_in(root: Path, student: str, body: str) -> None:
    """Hand in the notebook of the release with one answer."""
    notebook = json.loads((root / "autumn/student/01_exposure.ipynb").read_text("utf-8"))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    check = "".join(cells["check-01-clipped-share"]["source"])
    assert "a question of your instructor's own" in eval_printed(check)
    variant = {one.id: one.variant for one in read_manifest(root / "autumn").questions}[QUESTION]
    answer = cells["answer-01-clipped-share"]
    head, _, _ = "".join(answer["source"]).partition("raise NotImplementedError")
    assert head.endswith('that are dark."""\n    ')
    answer["source"] = head + body.format(**variant)
    (root / "submissions").mkdir(exist_ok=True)
    (root / f"submissions/{student}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def eval_printed(source: str) -> str:
    """What a check's cell prints, run by itself."""
    command = [sys.executable, "-c", source]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.posix("lines of bash")
@pytest.mark.slow
@pytest.mark.skipif(not probe().usable, reason="needs a sandbox, and this machine has none")
def test_a_release_and_a_grading_with_it(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "exposure-lab").symlink_to(ROOT)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    ((release, grade),) = (block.splitlines() for block in blocks("bash"))
    for number, command in enumerate((release, grade)):
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if number == 0:
            for student, body in {"a": RIGHT, "b": ONE_CHANNEL, "c": CONSTANT}.items():
                hand_in(tmp_path, student, body)
    with (tmp_path / "grades/grades.csv").open(encoding="utf-8-sig", newline="") as file:
        earned = [row[f"{QUESTION} (3)"] for row in csv.DictReader(file)]
    assert earned == ["3", "1", "0"]
