"""Limits to what one student's files, and a whole download, may need."""

from dataclasses import dataclass

NOTEBOOK_BYTES = 20_000_000
"""Bytes of a notebook, at most: forty times a chapter with its pictures. Reading one takes 0.5 GB
of memory at worst."""


@dataclass(frozen=True)
class Limits:
    """Limits to an archive and to what lies in it, archives in archives included."""

    packed: int
    """Bytes of the archive itself."""
    members: int
    size: int
    """Bytes of all files together, unpacked."""
    file: int = 500_000_000
    """Bytes of one file, such as weights."""
    notebook: int = NOTEBOOK_BYTES
    ratio: float = 100.0
    """Bytes unpacked for each packed one, in files larger than a notebook may be."""
    depth: int = 2
    """Archives in archives: a student's own, and one in that."""

    def of(self, is_notebook: bool) -> int:
        """Bytes that one file may have."""
        return self.notebook if is_notebook else self.file


DOWNLOAD = Limits(packed=100 * 10**9, members=100_000, size=200 * 10**9)
"""Limits to the download of a whole class; the disk must have the room besides."""

STUDENT = Limits(packed=500_000_000, members=2_000, size=1_000_000_000)
"""Limits to all archives of one student together."""


@dataclass
class Budget:
    """What is left of the limits to members and bytes, while archives are unpacked."""

    members: int
    size: int

    @classmethod
    def whole(cls, limits: Limits) -> "Budget":
        """Everything that the limits allow."""
        return cls(limits.members, limits.size)
