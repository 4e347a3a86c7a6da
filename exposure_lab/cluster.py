"""Parallel map on the workers of a Dask cluster, in which no wait for a lost item is endless."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from exposure_lab.errors import ConfigError, ParallelError

if TYPE_CHECKING:
    from distributed import Client, Future

Item = TypeVar("Item")
Result = TypeVar("Result")

ANSWER_WITHIN = 10
"""Timeout for an answer of the scheduler, and for a result that is done, seconds."""

LOOK_EVERY = 2
"""Time without a finished item after which is asked whether anybody works, seconds."""

IDLE_AT_MOST = 60
"""Time in which no worker does anything, seconds; then what is under way is lost."""

LOST_AT_MOST = 3
"""Times that lost items are handed out again."""


class _Outcome(NamedTuple):
    result: Any = None
    error: BaseException | None = None


def map_on_cluster(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    address: str,
    on_death: Callable[[Item], Result] | None,
) -> Iterator[Result]:
    """Apply a function to each item on a cluster, see `parallel.map_items`.

    An item over which several workers die is given up; where others died with it, each of these
    is done again alone, after all the rest. Results are fetched as they come, so that a dead worker
    takes few with it.
    """
    with _connect(address) as client:
        from distributed import KilledWorker

        work = _Work(client, address, function, items)
        try:
            work.hand_out(range(len(items)))
            for index, item in enumerate(items):
                result, error = work.outcome(index)
                if isinstance(error, KilledWorker) and on_death is not None:
                    # It may only have waited where another killed the workers; then both failed.
                    work.finish()
                    if work.killed > 1:
                        work.hand_out([index])
                        result, error = work.outcome(index)
                    if isinstance(error, KilledWorker):
                        result, error = on_death(item), None
                if error is not None:
                    raise error
                yield result
        except KilledWorker as error:
            raise ParallelError(
                f"Expected the workers of {address} to work to the end, but several died over one "
                "item, most likely for want of memory: give them more."
            ) from error
        finally:
            work.cancel(list(work.under_way))


class _Work:
    """Items that are under way on a cluster, and outcomes that came and were not asked for yet."""

    def __init__(
        self, client: "Client", address: str, task: Callable[[Any], Any], items: Sequence[Any]
    ) -> None:
        self.client, self.address, self.task, self.items = client, address, task, items
        self.under_way: dict[object, tuple[int, Future[Any]]] = {}
        self.killed = 0
        self._ended: SimpleQueue[object] = SimpleQueue()
        # Done, but on a worker that died before they were fetched: Dask has them done again.
        self._lost: set[object] = set()
        self._outcomes: dict[int, _Outcome] = {}
        self._idle_since: float | None = None
        self._losses = 0

    def hand_out(self, indices: Iterable[int]) -> None:
        indices = list(indices)
        due = [self.items[index] for index in indices]
        futures = self.client.map(self.task, due, pure=False)
        for index, future in zip(indices, futures, strict=True):
            self.under_way[future.key] = index, future
            future.add_done_callback(self._note)

    def outcome(self, index: int) -> _Outcome:
        """Wait for the outcome of an item; it is given once."""
        while index not in self._outcomes:
            self._step()
        return self._outcomes.pop(index)

    def finish(self) -> None:
        while self.under_way:
            self._step()

    def cancel(self, keys: Iterable[object]) -> None:
        futures = [self.under_way.pop(key)[1] for key in keys]
        if futures and self.client.status == "running":
            self.client.cancel(futures)

    def _note(self, future: "Future[Any]") -> None:
        self._ended.put(future.key)

    def _step(self) -> None:
        """Take an item that has ended; where none does, look whether anybody works."""
        try:
            key = self._ended.get(timeout=LOOK_EVERY)
        except Empty:
            self._look()
            return
        if key not in self.under_way:  # handed out again in the meantime
            return
        index, future = self.under_way[key]
        if future.status == "lost":
            self._lost.add(key)
            return
        try:
            outcome = _Outcome(future.result(timeout=ANSWER_WITHIN))
        except CancelledError as error:
            self.under_way.clear()
            raise self._silence(error) from error
        except Exception as error:
            if future.status == "finished":
                self._hand_out_again([key])
                return
            if future.status != "error":
                self._lost.add(key)
                return
            outcome = _Outcome(error=error)
        self._keep(key, index, outcome)

    def _keep(self, key: object, index: int, outcome: _Outcome) -> None:
        from distributed import KilledWorker

        del self.under_way[key]
        self.killed += isinstance(outcome.error, KilledWorker)
        self._outcomes[index] = outcome
        self._idle_since = None

    def _look(self) -> None:
        """Hand lost items out again, which are under way while no worker has anything to do."""
        try:
            ask: Any = self.client.scheduler
            working = self.client.sync(ask.processing, callback_timeout=ANSWER_WITHIN)
        except (OSError, TimeoutError) as error:
            self.under_way.clear()
            raise self._silence(error) from error
        for key in [key for key in self._lost if self._has_ended(key)]:
            self._lost.remove(key)
            self._ended.put(key)
        now = time.monotonic()
        if self._idle_since is None or any(working.values()):
            self._idle_since = now
        elif now - self._idle_since >= IDLE_AT_MOST:
            if not working:
                raise ParallelError(
                    f"Expected workers at {self.address}, but for {IDLE_AT_MOST:g} s there is "
                    "none: start some, and run this again."
                )
            self._idle_since = now
            self._hand_out_again(list(self.under_way))

    def _has_ended(self, key: object) -> bool:
        return key not in self.under_way or self.under_way[key][1].status not in ("lost", "pending")

    def _hand_out_again(self, keys: list[object]) -> None:
        self._losses += 1
        if self._losses > LOST_AT_MOST:
            raise ParallelError(
                f"Expected the workers of {self.address} to do {len(keys)} more items, but their "
                f"results were lost {self._losses} times: start the cluster anew."
            )
        indices = [self.under_way[key][0] for key in keys]
        self.cancel(keys)
        self.hand_out(indices)

    def _silence(self, error: BaseException) -> ParallelError:
        return ParallelError(
            f"Expected the scheduler at {self.address} to answer to the end, but it does no more "
            f"({error}): start it anew, with its workers, and run this again."
        )


def _connect(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError(
            "Expected the extra `cluster` for --scheduler, but distributed is not installed: run "
            '`pip install "exposure-lab[cluster]"`.'
        ) from error

    class WholeClient(Client):
        """A client that is connected or gone: Dask's own leaves one that failed half-started.

        Its event loop then runs on, and the garbage collector closes it at any later moment. When
        that falls into the start of the next client, each waits for a lock that the other has.
        """

        def start(self, **options: object) -> None:
            try:
                super().start(**options)  # type: ignore[no-untyped-call]
            except BaseException:
                self.close()  # type: ignore[no-untyped-call]
                self._loop_runner.stop()
                raise

    try:
        return WholeClient(address, timeout=ANSWER_WITHIN)  # type: ignore[no-untyped-call]
    except (ImportError, OSError, TypeError, ValueError) as error:  # as its kinds of address raise
        raise ConfigError(
            f"Expected a Dask scheduler at {address}, but none answers ({error}): start one with "
            "`dask scheduler`, and workers that see the same files."
        ) from error
