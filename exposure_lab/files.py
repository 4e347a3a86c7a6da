"""Writing files so that nobody ever sees half of one."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from exposure_lab.errors import FilesError

MANY = 100
"""Files above which one flush of all that the system holds is faster than theirs one by one."""


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Give a temporary path beside ``path``; move it into place when the block ends well.

    The temporary name keeps the suffix, because image writers choose the format by it. The file is
    flushed to the disk before the move, so that after a power cut the old or the new file is there,
    never an empty one. When the block raises, the temporary file is removed and ``path`` untouched.

    Raises:
        FilesError: no space, no permission, or the folder cannot be made.
    """
    path = Path(path)
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
        temporary = Path(name)
        try:
            # mkstemp makes files that only their owner can read; a result is an ordinary file.
            temporary.chmod(0o666 & ~_umask())
            yield temporary
            _flush(temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path | str, *, replace: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside ``path``; rename it into place when the block ends well.

    Args:
        path: the folder to make.
        replace: take the place of a folder that stands there, once the new one is whole.

    Raises:
        FilesError: no space, no permission, or ``path`` exists already and `replace` is off.
    """
    path = Path(path)
    if path.exists() and not replace:
        raise FilesError(f"Expected no folder at {path}, but there is one: choose another place.")
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            temporary.chmod(0o777 & ~_umask())
            yield temporary
            files = [path for path in temporary.rglob("*") if path.is_file()]
            if len(files) > MANY and hasattr(os, "sync"):
                os.sync()
            else:
                for file in files:
                    _flush(file)
            # No system renames over a folder with files in it, so the old one steps aside first.
            aside = temporary.with_name(f"{temporary.name}.old")
            if path.exists():
                os.replace(path, aside)
            os.replace(temporary, path)
            shutil.rmtree(aside, ignore_errors=True)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a whole file or nothing. Raises FilesError as `atomic_path` does."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path | str, text: str) -> None:
    """Write a whole UTF-8 file or nothing. Raises FilesError as `atomic_path` does."""
    write_bytes(path, text.encode())


def write_json(path: Path | str, value: Any) -> None:
    """Write strict JSON (no NaN, no Infinity), indented, with a final newline.

    Raises:
        FilesError: a number is not finite, or the disk refuses.
    """
    try:
        text = json.dumps(value, indent=2, allow_nan=False)
    except ValueError as error:
        raise FilesError(
            f"Expected finite numbers for {path}, but JSON has no NaN or Infinity: {error}."
        ) from error
    write_text(path, text + "\n")


def read_json(path: Path | str) -> Any:
    """Read a JSON file.

    Raises:
        FilesError: missing or not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FilesError(f"Expected a file at {path}, but there is none.") from error
    except ValueError as error:
        raise FilesError(f"Expected JSON in {path}, but it does not parse: {error}.") from error


def check_free_space(folder: Path | str, needed: int) -> None:
    """Refuse work that cannot fit, before it starts.

    Args:
        folder: where the files will go; it need not exist yet.
        needed: bytes.

    Raises:
        FilesError: fewer bytes are free.
    """
    place = Path(folder).absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise FilesError(
            f"Expected {needed / 1e6:.0f} MB free at {folder}, but there are {free / 1e6:.0f} MB: "
            "free some space or choose another disk."
        )


@contextmanager
def folder_lock(folder: Path | str) -> Iterator[None]:
    """Keep a second process out of a folder while the block runs.

    Raises:
        FilesError: another process holds the folder.
    """
    folder = Path(folder)
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise FilesError(
            f"Expected {folder} to be free, but another process is writing there: wait for it or "
            "choose another folder."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say in a sentence what the disk refuses, where a user can do something about it."""
    try:
        yield
    except OSError as error:
        sentence = _sentence(error.errno, path)
        if sentence is None:
            raise
        raise FilesError(sentence) from error


def _sentence(number: int | None, path: Path) -> str | None:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"Expected room to write {path}, but the disk is full: free some space and run again; "
            "nothing half-written was left."
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"Expected to be allowed to write {path}, but permission was denied: choose a folder "
            "of your own."
        )
    if number in (errno.ENOTDIR, errno.EEXIST):
        return f"Expected a folder above {path}, but a file is in the way: choose another path."
    return None
