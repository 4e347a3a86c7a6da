"""The same results in the same order, whoever works; and a worker that dies is no silent loss."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from exposure_lab import cluster
from exposure_lab.errors import ConfigError, ParallelError
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.inference.batch import Options, correct_files
from exposure_lab.inference.output_names import plan_jobs
from exposure_lab.parallel import map_items


def square(number: int) -> int:
    return number**2


def refuse_three(number: int) -> int:
    if number == 3:
        raise ConfigError("Expected no three.")
    return number


def die_at(number: int, deadly: int) -> int:
    if number == deadly:
        os.kill(os.getpid(), signal.SIGKILL)  # as the system does for want of memory
    return number


def die_at_any(number: int, deadly: tuple[int, ...]) -> int:
    return die_at(number, number if number in deadly else -1)


def die_once(number: int, folder: str) -> int:
    mark = Path(folder) / str(number)
    if number == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def negative(number: int) -> int:
    return -number


def note_and_wait(number: int, folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(0.2)


def slow_square(number: int) -> int:
    time.sleep(0.2)
    return number**2


def note_and_wait_for_leave(number: int, folder: str) -> int:
    (Path(folder) / str(number)).touch()
    while number and not (Path(folder) / "leave").exists():
        time.sleep(0.01)
    return number


def event_loops() -> list[threading.Thread]:
    """Dask's own; its clusters start and end other threads as workers come and go."""
    return [thread for thread in threading.enumerate() if thread.name == "IO loop"]


def map_with_deaths_on_a_cluster() -> None:
    """Print results of 10 to 15, where a worker dies over each that the command line names."""
    import dask
    from distributed import LocalCluster

    # A LocalCluster looks so long after a death whether the worker is there again, and closes it
    # for good where it is not, as after one more death. `dask worker` does not.
    dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"})
    dask.config.set({"distributed.scheduler.allowed-failures": 1})  # for each death takes seconds
    task = partial(die_at_any, deadly=tuple(10 + int(number) for number in sys.argv[1:]))
    address = {"scheduler_port": 0, "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=50, **address) as two:
        results = map_items(task, range(10, 16), scheduler=two.scheduler_address, on_death=negative)
        print(list(results), flush=True)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a Dask scheduler with two workers on this machine."""
    from distributed import LocalCluster

    # Port 0: the system chooses one that is free, also while another run of these tests goes on.
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        scheduler_port=0,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_order(jobs: int) -> None:
    assert list(map_items(square, range(20), jobs)) == [n**2 for n in range(20)]
    assert list(map_items(square, [], jobs)) == []


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_error_of_an_item_comes_through(jobs: int) -> None:
    with pytest.raises(ConfigError, match="Expected no three"):
        list(map_items(refuse_three, range(6), jobs))


@pytest.mark.slow
def test_process_that_dies_is_told() -> None:
    with pytest.raises(ParallelError, match="Expected 2 processes to work to the end"):
        list(map_items(partial(die_at, deadly=2), range(6), 2))


@pytest.mark.posix("processes are seen in /proc")
@pytest.mark.slow
@pytest.mark.parametrize("deadly", [(0,), (2,), (5,), (0, 1, 2, 3, 4, 5), (1, 11)], ids=str)
def test_an_item_over_which_processes_die_costs_no_other(deadly: tuple[int, ...]) -> None:
    items = range(12 if 11 in deadly else 6)
    results = map_items(partial(die_at_any, deadly=deadly), items, 2, on_death=negative)
    assert list(results) == [-n if n in deadly else n for n in items]


@pytest.mark.slow
def test_an_item_over_which_a_process_dies_once_is_done_after_all(tmp_path: Path) -> None:
    """As one is whose memory was taken by another process."""
    results = map_items(partial(die_once, folder=str(tmp_path)), range(4), 2, on_death=negative)
    assert list(results) == [0, 1, 2, 3]


@pytest.mark.slow
def test_killed_parent_leaves_nobody_behind(tmp_path: Path) -> None:
    # Each worker writes its number down, then works on; the parent is killed meanwhile.
    program = (
        "import sys; from functools import partial; from exposure_lab.parallel import map_items;"
        "from test_parallel import note_and_wait;"
        "list(map_items(partial(note_and_wait, folder=sys.argv[1]), range(100), 2))"
    )
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    parent = subprocess.Popen([sys.executable, "-c", program, tmp_path], env=os.environ | here)
    for _ in range(600):
        if len(workers := {int(path.name) for path in tmp_path.iterdir()}) == 2:
            break
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    for _ in range(600):
        if not any(Path(f"/proc/{worker}").exists() for worker in workers):
            return
        time.sleep(0.1)
    pytest.fail(f"still there: {workers}")


@pytest.mark.slow
def test_cluster_gives_the_same(scheduler: str) -> None:
    assert list(map_items(square, range(20), scheduler=scheduler)) == [n**2 for n in range(20)]
    with pytest.raises(ConfigError, match="Expected no three"):
        list(map_items(refuse_three, range(6), scheduler=scheduler))


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
def test_work_of_a_dead_worker_goes_to_another(scheduler: str) -> None:
    from distributed import Client

    results = map_items(slow_square, range(20), scheduler=scheduler)
    first = next(results)
    with Client(scheduler) as client:
        victim = next(iter(client.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    assert [first, *results] == [n**2 for n in range(20)]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:1", "1 s"),
        ("no address", "missing port number"),
        ("http://127.0.0.1:8786", "unknown address scheme"),
        ("tls://127.0.0.1:8786", "ssl_context"),
    ],
)
def test_nobody_at_that_address(address: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "ANSWER_WITHIN", 1)
    loops = event_loops()
    expected = rf"Expected a Dask scheduler at {address}, but none answers \(.*{reason}.*\): start"
    with pytest.raises(ConfigError, match=expected):
        list(map_items(square, range(3), scheduler=address))
    # A client that is left half-started is closed by the garbage collector at any later moment:
    # when that falls into the start of the next client, the two wait for each other.
    assert event_loops() == loops


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
def test_photos_on_a_cluster_whose_worker_is_killed(
    scheduler: str, photo: Array, tmp_path: Path
) -> None:
    from distributed import Client

    for i in range(24):
        write_image(tmp_path / "in" / f"{i:02d}.png", photo[: 20 + i])
    options = Options("auto-gamma")
    here = plan_jobs([tmp_path / "in"], tmp_path / "here").jobs
    assert all(outcome.written for outcome in correct_files(here, options))
    there = plan_jobs([tmp_path / "in"], tmp_path / "there").jobs
    outcomes = correct_files(there, options, scheduler=scheduler)
    first = next(outcomes)
    with Client(scheduler) as client:
        victim = next(iter(client.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    results = [first, *outcomes]
    assert [outcome.job for outcome in results] == there
    assert [outcome.error for outcome in results if outcome.error] == []
    for here_job, there_job in zip(here, there, strict=True):
        assert here_job.destination.read_bytes() == there_job.destination.read_bytes()


@pytest.mark.slow
def test_item_that_kills_every_worker_is_given_up(scheduler: str) -> None:
    with pytest.raises(ParallelError, match=r"the workers of tcp://.* several died over one item"):
        list(map_items(partial(die_at, deadly=2), range(4), scheduler=scheduler))


@pytest.mark.slow
def test_cluster_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(cluster, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(cluster, "IDLE_AT_MOST", 0.5)
    address = {"scheduler_port": 0, "dashboard_address": "127.0.0.1:0"}
    with (
        LocalCluster(n_workers=0, silence_logs=50, **address) as nobody,
        pytest.raises(
            ParallelError, match=r"Expected workers at tcp://.* for 0\.5 s there is none"
        ),
    ):
        list(map_items(square, range(3), scheduler=nobody.scheduler_address))


@pytest.mark.posix("a kill that cannot be caught")
@pytest.mark.slow
@pytest.mark.parametrize("deadly", [(0,), (3,), (5,), (1, 4)], ids=str)
def test_item_that_kills_every_worker_costs_no_other(deadly: tuple[int, ...]) -> None:
    # In a process with an end of its own: what failed here was that it waited for ever.
    program = "import test_parallel; test_parallel.map_with_deaths_on_a_cluster()"
    here = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    command = [sys.executable, "-c", program, *map(str, deadly)]
    ended = subprocess.run(
        command, env=os.environ | here, capture_output=True, text=True, timeout=90, check=False
    )
    results = [-10 - n if n in deadly else 10 + n for n in range(6)]
    assert ended.stdout.splitlines()[-1:] == [str(results)], ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [{"chunk": 1}, {"on_death": negative}], ids=["plain", "deaths"])
def test_after_a_stop_no_process_begins_another_item(tmp_path: Path, ahead: Any) -> None:
    task = partial(note_and_wait_for_leave, folder=str(tmp_path))
    others = set(multiprocessing.active_children())  # of clusters that end in the background
    results = map_items(task, range(8), jobs=2, **ahead)
    assert next(results) == 0
    while len(list(tmp_path.iterdir())) < 3:  # 0 is done, and both processes have another
        time.sleep(0.01)
    results.close()  # as Ctrl-C does
    (tmp_path / "leave").touch()
    while set(multiprocessing.active_children()) - others:  # they end what is under way
        time.sleep(0.01)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2", "leave"]
