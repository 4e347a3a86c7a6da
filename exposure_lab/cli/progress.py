"""Progress bar for work that reports how much of it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar where there is a terminal; yield a function of (done, total)."""
    from tqdm import tqdm

    with tqdm(unit=unit, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
