"""Folder of a release on the disk: written whole, and never over somebody else's files."""

from pathlib import Path

from exposure_lab.course.release.manifest import (
    FILE,
    STUDENT,
    Manifest,
    content_hash,
    read_manifest,
    write_manifest,
)
from exposure_lab.course.release.release import Release
from exposure_lab.errors import FilesError, GradingError
from exposure_lab.files.atomic import atomic_folder, sweep_leftovers
from exposure_lab.files.ownership import is_ignored_name, path_lock

HANDOUTS = ("README.md", "ASSISTANTS.md")
"""Files for students beside the notebooks."""


def write_release(out: Path | str, release: Release, *, overwrite: bool = False) -> None:
    """Write a release whole: the folder has its name only when all of it is there.

    Args:
        out: a new or empty folder, or one with this same release.
        release: what to write.
        overwrite: take the place of another release.

    Raises:
        FilesError: the folder holds other files, the disk refuses, or another process writes there.
        GradingError: the folder holds another release, and `overwrite` is off.
    """
    out = Path(out)
    with path_lock(out):
        sweep_leftovers(out.parent, out.name)
        _refuse_other(out, release, overwrite)
        with atomic_folder(out, replace=True) as folder:
            (folder / STUDENT).mkdir()
            for name, text in release.files.items():
                (folder / STUDENT / name).write_bytes(text.encode())
            write_manifest(folder, release.manifest)


def changed_files(folder: Path | str, manifest: Manifest) -> list[str]:
    """Names of a release's notebooks that are missing or no longer what was handed out."""
    changed = []
    for chapter in manifest.chapters:
        path = Path(folder) / STUDENT / chapter.file
        try:
            text = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            text = ""
        if content_hash(text) != chapter.sha256:
            changed.append(chapter.file)
    return changed


def _refuse_other(out: Path, release: Release, overwrite: bool) -> None:
    """Refuse a folder with files of others, or with a release that students may have."""
    if not out.is_dir():
        return  # a file in the way is refused when the folder takes its name
    names = _files_in(out)
    if not names:
        return
    if FILE not in names:
        raise FilesError(
            f"Expected an empty folder or a release in {out}, but it holds other files, such as "
            f"{names[0]}: choose another folder."
        )
    try:
        old = read_manifest(out)
    except GradingError:
        old = None
    chapters = [chapter.file for chapter in old.chapters] if old else []
    ours = {FILE, *(f"{STUDENT}/{name}" for name in (*chapters, *HANDOUTS))}
    if old and (foreign := [name for name in names if name not in ours]):
        raise FilesError(
            f"Expected nothing but a release in {out}, but it also holds {foreign[0]}: move that "
            "away, or choose another folder."
        )
    if overwrite:
        return
    if old is None or old.release != release.manifest.release:
        which = f"release {old.release} of seed {old.seed}" if old else "one that cannot be read"
        raise GradingError(
            f"Expected no other release in {out}, but it holds {which}, which students may have: "
            "choose another folder, or give --overwrite."
        )
    changed = changed_files(out, old)
    for name in HANDOUTS:
        path = out / STUDENT / name
        if path.is_file() and path.read_bytes() != release.files[name].encode():
            changed.append(name)
    if changed:
        raise GradingError(
            f"Expected the release in {out} as it was made, but {changed[0]} was changed: save "
            "your changes elsewhere, then give --overwrite."
        )


def _files_in(folder: Path) -> list[str]:
    """Files below a folder, and what is neither file nor folder, by path; locks do not count."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not is_ignored_name(path.name) and (path.is_symlink() or not path.is_dir())
    )
