"""Files that were found in a folder or an archive, under the names that they have there."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Found:
    """One file, or a folder that may be empty, of what an instructor downloaded."""

    parts: tuple[str, ...]
    """Its path there, cleaned by `file_names.clean_parts`."""
    path: Path | None = None
    """Where it can be read; None where it was not taken, and for a folder."""
    problem: str | None = None
    """Sentence that says why it was not taken, and what to do."""
    folder: bool = False

    @property
    def name(self) -> str:
        """Last part of its path."""
        return self.parts[-1]

    @property
    def shown(self) -> str:
        """Its path as sentences name it."""
        return "/".join(self.parts)
