"""Groups of submissions that share a start of the judge."""

import pytest

from exposure_lab.course.grading.grade_group import TOGETHER, group_tasks
from exposure_lab.course.grading.grade_one import Task
from exposure_lab.course.grading.record import Record


def tasks(*of: tuple[str, int]) -> list[Task]:
    """Tasks of these chapters and seeds, each of a student of its own."""
    return [
        Task("grades", Record(student=f"s{number}", name="", chapter=chapter, seed=seed))
        for number, (chapter, seed) in enumerate(of)
    ]


def test_groups_have_one_chapter_and_one_seed_and_keep_the_order() -> None:
    asked = tasks(("01", 1), ("01", 1), ("01", 2), ("02", 2), ("", 0), ("01", 1))
    groups = list(group_tasks(asked, 1))
    assert [len(group) for group in groups] == [2, 1, 1, 1, 1]
    assert [task for group in groups for task in group] == asked


@pytest.mark.parametrize(
    ("count", "processes", "sizes"),
    [(0, 2, []), (1, 8, [1]), (2, 2, [1, 1]), (5, 2, [3, 2]), (20, 1, [8, 8, 4])],
)
def test_nobody_waits_for_a_process_that_has_too_many(
    count: int, processes: int, sizes: list[int]
) -> None:
    assert TOGETHER == 8
    groups = list(group_tasks(tasks(*[("01", 1)] * count), processes))
    assert [len(group) for group in groups] == sizes
