"""A bar for work that tells how much of it is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar, quiet where there is no terminal; it is told how many of how many are done."""
    from tqdm import tqdm

    with tqdm(unit=unit, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
