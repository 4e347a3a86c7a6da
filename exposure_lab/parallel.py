"""Parallel map over items: in this process, in several, or on the workers of a Dask cluster."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from ctypes import c_byte
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from exposure_lab.cluster import map_on_cluster
from exposure_lab.errors import ParallelError

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Items that are handed out ahead for each process, where a death is to be survived."""


class _Shared(NamedTuple):
    """What the processes of a pool share with their parent."""

    gpus: "SimpleQueue[str] | None"
    """GPUs that no process has taken yet."""
    stopped: c_byte
    """Whether no other item is to be begun; without a lock, which a process could die with."""


_shared: _Shared | None = None
"""In a process of a pool: what it shares."""


def map_items(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int = 1,
    scheduler: str | None = None,
    *,
    chunk: int | None = None,
    gpus: Sequence[str] = (),
    on_death: Callable[[Item], Result] | None = None,
) -> Iterator[Result]:
    """Apply a function to each item and yield the results in the order of the items.

    Args:
        function: importable from a module, since other processes must find it by name.
        items: small values such as paths; big data is read by the function itself.
        jobs: processes; 1 stays in this one.
        scheduler: address of a Dask scheduler, such as ``tcp://host:8786``. Its workers must have
            this package and see the same files; they take the place of `jobs`. Work of a worker
            that dies goes to another.
        chunk: items that a process takes at once; many where not given, which suits short work.
        gpus: numbers or ids of GPUs, as ``CUDA_VISIBLE_DEVICES`` takes them: one process for each,
            which sees no other. They take the place of `jobs`.
        on_death: gives the result of an item over which processes die, also where one has it for
            itself alone; the other items are then done all the same. Not for `gpus`.

    Raises:
        ParallelError: a process died, as one does that the system ends for want of memory, and
            there is no `on_death`; or a cluster has no worker any more, for a minute, or its
            scheduler does not answer.
        ConfigError: no scheduler answers there, or its package is not installed.
    """
    if scheduler is not None:
        yield from map_on_cluster(function, items, scheduler, on_death)
        return
    jobs = len(gpus) or jobs
    if not gpus and (jobs == 1 or len(items) < 2):
        yield from map(function, items)
        return
    if on_death is not None:
        yield from _map_past_deaths(function, items, jobs, on_death)
        return
    with _pool(jobs, gpus) as pool:
        try:
            size = chunk or max(1, len(items) // (8 * jobs))
            yield from pool.map(partial(_unless_stopped, function), items, chunksize=size)
        except BrokenProcessPool as error:
            raise ParallelError(
                f"Expected {jobs} processes to work to the end, but one was ended, most likely for "
                "want of memory: run again with fewer --jobs."
            ) from error


@contextmanager
def _pool(jobs: int, gpus: Sequence[str] = ()) -> Iterator[ProcessPoolExecutor]:
    """Start processes for a block; after an error in it they begin no other item."""
    # spawn: a fork of a process in which torch runs threads can hang.
    context = multiprocessing.get_context("spawn")
    free = context.SimpleQueue()
    for gpu in gpus:
        free.put(gpu)
    shared = _Shared(free if gpus else None, context.RawValue("b", False))
    with ProcessPoolExecutor(jobs, context, _begin_process, (shared,)) as pool:
        try:
            yield pool
        except BaseException:
            # Items that were handed out can't be cancelled: a process asks before it begins one.
            shared.stopped.value = True
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _map_past_deaths(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    jobs: int,
    on_death: Callable[[Item], Result],
) -> Iterator[Result]:
    """Map in several processes, and go on with new ones where one dies.

    Nobody tells which item a process died over, so those that were under way are done again one at
    a time, each in a process that has the machine for itself.
    """
    done = 0
    while done < len(items):
        under_way: deque[Future[Result]] = deque()
        try:
            with _pool(jobs) as pool:
                for item in items[done:]:
                    under_way.append(pool.submit(_unless_stopped, function, item))
                    if len(under_way) == AHEAD * jobs:
                        yield under_way[0].result()
                        under_way.popleft()
                        done += 1
                while under_way:
                    yield under_way[0].result()
                    under_way.popleft()
                    done += 1
        except BrokenProcessPool:
            suspects = items[done : done + max(1, len(under_way))]
            yield from _map_one_by_one(function, suspects, on_death)
            done += len(suspects)


def _map_one_by_one(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    on_death: Callable[[Item], Result],
) -> Iterator[Result]:
    """Map in one other process, which is replaced where it dies."""
    done = 0
    while done < len(items):
        try:
            with _pool(1) as pool:
                for item in items[done:]:
                    yield pool.submit(_unless_stopped, function, item).result()
                    done += 1
        except BrokenProcessPool:
            yield on_death(items[done])
            done += 1


def _begin_process(shared: _Shared) -> None:
    """Take a GPU, where there are some, before torch looks for one; end with the parent."""
    global _shared
    _shared = shared
    if shared.gpus is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = shared.gpus.get()
    _end_with_parent()


def _unless_stopped(function: Callable[[Item], Result], item: Item) -> Result:
    """Do an item, in a process of a pool, but none after an error in another or a Ctrl-C."""
    if _shared is not None and _shared.stopped.value:
        raise CancelledError
    return function(item)


def _end_with_parent() -> None:
    """End this process with its parent, so that none is left waiting after a kill."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
