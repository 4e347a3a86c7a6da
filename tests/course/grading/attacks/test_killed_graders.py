"""Graders that are killed: run again, they give the same grades, and nobody is graded twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from made_up_batch import Class, needs_sandbox

from exposure_lab.course.grading.batch import run_tasks
from exposure_lab.course.grading.record import Record, list_records

pytestmark = [needs_sandbox, pytest.mark.slow]

KILLS = 10

LATEST = 1.5
"""Seconds within which a grading is killed: none of the whole class is done by then."""

GRADER = """
import sys
from pathlib import Path

from exposure_lab.course.grading.batch import plan_batch, run_tasks
from exposure_lab.course.grading.batch_folder import BatchFolder
from exposure_lab.course.grading.submissions.collect import collect
from exposure_lab.course.release.manifest import read_manifest

root, work = Path(sys.argv[1]), Path(sys.argv[2])
batch = BatchFolder(root / "grades")
settings = batch.settings()
found = collect(root / "submissions", read_manifest(settings.release), work)
plan = plan_batch(found, settings, batch)
print("begins", flush=True)
for record in run_tasks(plan.tasks, settings, batch):
    pass
print("ends", flush=True)
"""


def class_of_five(root: Path) -> Class:
    """Two right answers, one right in part, one hostile, and a file that is no notebook."""
    small = Class(root)
    small.hand_in_right("anna")
    small.hand_in_right("ben")
    partly = f"def scale(x):\n    print(x.shape)\n    return abs(x) * {small.scale}"
    small.hand_in("cleo", partly, "squared = 0")
    small.hand_in("dora", "import os\ndef scale(x):\n    os._exit(0)", "squared = 0")
    (small.submissions / "emil.ipynb").write_text("%PDF-1.7")
    return small


def comparable(records: list[Record]) -> list[dict[str, Any]]:
    """Records without what no two gradings have in common: how long, and when."""
    dumped = [record.model_dump(mode="json") for record in records]
    for record in dumped:
        record.pop("seconds")
        record["provenance"].pop("date", None)
    return dumped


def test_kill_9_at_ten_moments_and_again_gives_the_same_grades(tmp_path: Path) -> None:
    small, undisturbed = (class_of_five(tmp_path / name) for name in ("killed", "undisturbed"))
    small.settings()
    moments = random.Random(4711)
    for number in range(KILLS):
        command = [sys.executable, "-c", GRADER, small.root, tmp_path / f"work-{number}"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as grader:
            assert grader.stdout is not None
            assert grader.stdout.readline() == "begins\n"
            time.sleep(moments.uniform(0, LATEST))
            os.killpg(grader.pid, signal.SIGKILL)
        for path in small.batch.root.rglob("*.json"):
            json.loads(path.read_text())  # whatever is there is whole
    small.grade()
    undisturbed.grade()
    grades, expected = (list_records(one.batch.root) for one in (small, undisturbed))
    assert comparable(grades) == comparable(expected)
    assert [record.earned for record in grades] == [5, 5, 1, 0, 0]


def test_a_dask_worker_that_dies_loses_nobody_and_marks_nobody_twice(tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    small = class_of_five(tmp_path)
    small.hand_in_right("flora")
    settings, plan = small.settings(), small.plan()
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        scheduler_port=0,  # the system chooses one that is free
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as cluster:
        address = cluster.scheduler_address
        running = run_tasks(plan.tasks, settings, small.batch, scheduler=address)
        first = next(running)
        with Client(address) as client:
            victim = next(iter(client.run(os.getpid).values()))
        os.kill(victim, signal.SIGKILL)
        records = [first, *running]
    students = [task.blank.student for task in plan.tasks]
    assert [record.student for record in records] == students
    stored = list_records(small.batch.root)
    assert sorted(record.student for record in stored) == sorted(set(students))
    earned = {record.student: record.earned for record in stored}
    assert earned == {"anna": 5, "ben": 5, "cleo": 1, "dora": 0, "emil": 0, "flora": 5}
    again = small.plan()
    assert (again.tasks, again.unchanged) == ((), len(students))
