"""Rounds of a batch: what pages show of hidden inputs is of no use in the next; notes; replays."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from made_up_batch import OWN_QUESTIONS, Class, needs_sandbox

from exposure_lab.course.grading.batch import plan_batch
from exposure_lab.course.grading.batch_folder import BatchSettings
from exposure_lab.course.grading.chapter_references import judged_by_now
from exposure_lab.course.grading.grade import Request, grade
from exposure_lab.course.grading.grade_one import Task
from exposure_lab.course.grading.record import Record, read_record, write_record
from exposure_lab.course.grading.replay import replay
from exposure_lab.course.grading.submissions.submission import Submission

NOTE = "Of the 2 attempts at chapter 01 the newest counts, 01_exposure-1.ipynb."


@pytest.fixture
def small(tmp_path: Path) -> Class:
    return Class(tmp_path)


def handed_in(small: Class, student: str) -> Submission:
    small.hand_in_right(student)
    return Submission(student, student, notebooks=(small.submissions / f"{student}.ipynb",))


def as_graded(small: Class, task: Task) -> None:
    """Write the record that a grading of a task would leave, without its marks."""
    settings, blank = small.settings(), task.blank
    hashed = judged_by_now("01", small.manifest, blank.seed, settings.own_questions)
    write_record(task.folder, blank.model_copy(update={"judged_by": hashed}))


def test_another_note_reaches_the_record_and_nothing_is_graded(small: Class) -> None:
    submission = handed_in(small, "anna")
    (task,) = plan_batch([submission], small.settings(), small.batch).tasks
    as_graded(small, task)
    noted = replace(submission, notes={"01": NOTE, "02": "Of another chapter."})
    plan = plan_batch([noted], small.settings(), small.batch)
    assert (plan.tasks, plan.outdated, plan.unchanged) == ((), (), 1)
    record = read_record(task.folder)
    assert record is not None and record.notes == (NOTE,)
    (first,) = plan_batch([replace(noted, student="ben")], small.settings(), small.batch).tasks
    assert first.blank.notes == (NOTE,)


def test_a_record_from_before_notes_loads() -> None:
    old = Record(student="anna", name="Anna", chapter="01").model_dump(mode="json")
    del old["notes"]
    assert Record.model_validate(old).notes == ()


def test_only_what_is_new_gets_the_inputs_of_the_next_round(small: Class) -> None:
    anna, ben = handed_in(small, "anna"), handed_in(small, "ben")
    (task,) = plan_batch([anna], small.settings(), small.batch).tasks
    assert task.blank.seed == small.settings().seed
    as_graded(small, task)
    small.batch.end_round()
    plan = plan_batch([anna, ben], small.settings(), small.batch)
    assert plan.unchanged == 1  # and is not outdated by another round
    (other,) = plan.tasks
    assert other.blank.seed == small.settings().round_seed != task.blank.seed
    record = read_record(task.folder)
    assert record is not None
    write_record(task.folder, record.model_copy(update={"judged_by": "older"}))
    (outdated,) = plan_batch([anna], small.settings(), small.batch).outdated
    assert outdated.blank.seed == task.blank.seed
    # What changed beside the answers is graded on what these were graded on.
    (again,) = plan_batch([replace(anna, late=True)], small.settings(), small.batch).tasks
    assert again.blank.seed == task.blank.seed


def test_rounds_have_seeds_of_their_own_and_references_too(small: Class) -> None:
    settings, seeds = small.settings(), []
    for _ in range(50):
        seeds.append(small.settings().round_seed)
        small.batch.end_round()
    assert len(set(seeds)) == 50 and seeds[0] == settings.seed
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert BatchSettings("r", "r", seed=4, round=1).round_seed != seeds[1]
    folders = {small.batch.references_of(seed) for seed in seeds}
    assert len(folders) == 50 and small.batch.references in folders


def test_a_batch_from_before_rounds_goes_on_in_its_second(small: Class) -> None:
    settings = small.settings()
    path = small.batch.root / "batch.json"
    old = {k: v for k, v in json.loads(path.read_text()).items() if k != "round"}
    path.write_text(json.dumps(old))
    assert small.settings().round_seed != settings.seed == small.settings().seed
    assert small.batch.references_of(settings.seed) == small.batch.references


def request(small: Class) -> Request:
    return Request(
        small.submissions, small.release, small.batch.root, seed=3, questions=OWN_QUESTIONS
    )


@needs_sandbox
@pytest.mark.slow
def test_inputs_that_a_page_shows_come_to_nobody_again(small: Class) -> None:
    answer = "def scale(x):\n    print('given', x)\n    return 0 * x"

    def shown(student: str, code: str) -> set[str]:
        small.hand_in(student, code, "squared = 0")
        grade(request(small), lambda _: None, lambda _, __: None)
        (page,) = small.batch.root.glob(f"students/{student}-*/feedback.html")
        return set(re.findall(r"given (\S+)", page.read_text(encoding="utf-8")))

    first = shown("anna", answer)
    again = shown("anna", f"{answer} + 1")
    friend = shown("ben", answer)
    assert first and again and friend
    assert not first & again and not first & friend and not again & friend
    for student in ("anna", "ben"):
        (one,) = replay(small.batch.root, student)
        assert not one.changes and not one.changed_since
        assert (
            one.after.model_copy(
                update={"provenance": one.before.provenance, "seconds": one.before.seconds}
            )
            == one.before
        )
    batch = json.loads((small.batch.root / "batch.json").read_text())
    grade(request(small), lambda _: None, lambda _, __: None)  # nothing new: no round ends
    assert json.loads((small.batch.root / "batch.json").read_text()) == batch
    assert batch["round"] == 3
