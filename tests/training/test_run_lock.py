"""A run's owner clears away what a killed process of its own left, and nobody else's."""

from pathlib import Path

import pytest

from exposure_lab.config import RunConfig
from exposure_lab.files.atomic import atomic_folder, atomic_path
from exposure_lab.files.json_files import write_json
from exposure_lab.training.run_lock import acquire


def leave(path: Path) -> Path:
    """What a process leaves that is killed while it writes a file."""
    with pytest.raises(FileNotFoundError), atomic_path(path) as temporary:
        # Renamed within the block, so that the writer finds nothing to clear away.
        aside = temporary.rename(path.parent / "aside")
    return aside.rename(temporary)


OWN = [
    "config.json",
    "history.jsonl",
    "summary.json",
    "validation/epoch_000.png",
    "validation/epoch_003.png",  # `tiny` has three epochs
    "validation/epoch_003.json",
]
OTHERS = [
    "curves.png",  # from `exposure-lab summary`, which takes no lock
    "scores.json",
    "photo.jpg",
    "validation/photo.png",
    "validation/epoch_004.png",
]


@pytest.fixture
def started(tiny: RunConfig, tmp_path: Path) -> Path:
    """The folder of a run that was killed before its first checkpoint."""
    write_json(tmp_path / "config.json", tiny.model_dump(mode="json"))
    return tmp_path


def test_only_what_the_run_itself_writes_is_swept(started: Path, tiny: RunConfig) -> None:
    own, others = ([leave(started / name) for name in names] for names in (OWN, OTHERS))
    with acquire(started, tiny, resume=True):
        pass
    assert [path.name for path in own if path.exists()] == []
    assert all(path.exists() for path in others)


def test_a_checkpoint_that_was_half_written_is_swept(started: Path, tiny: RunConfig) -> None:
    path = started / "checkpoints" / "00000004"
    with pytest.raises(FileNotFoundError), atomic_folder(path) as temporary:
        aside = temporary.rename(path.parent / "aside")
    aside.rename(temporary)
    with acquire(started, tiny, resume=True):
        pass
    assert list(path.parent.iterdir()) == []


def test_the_pictures_of_a_run_are_known_by_name(whole: Path, tiny: RunConfig) -> None:
    """The names that are swept are those that a run writes."""
    written = {f"validation/{path.name}" for path in (whole / "validation").iterdir()}
    assert {name for name in OWN if name.startswith("validation")} <= written
    assert written.isdisjoint(OTHERS)
