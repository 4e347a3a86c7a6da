"""One map over items: in this process, or in several."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_items(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int = 1
) -> Iterator[Result]:
    """Apply a function to each item and give the results in the order of the items.

    Args:
        function: importable from a module, since other processes must find it by name.
        items: small values such as paths; big data is read by the function itself.
        jobs: processes; 1 stays in this one.
    """
    if jobs == 1 or len(items) < 2:
        yield from map(function, items)
        return
    # spawn: a fork of a process in which torch runs threads can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(items)), mp_context=context) as pool:
        try:
            yield from pool.map(function, items, chunksize=max(1, len(items) // (8 * jobs)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
