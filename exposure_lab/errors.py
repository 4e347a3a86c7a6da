"""Every error that a user can cause, in one tree.

ExposureLabError
├── ConfigError        a profile, a key or a value of a run
├── DataError          a folder of pairs or an archive: a missing target, an empty split, a bad name
├── DownloadError      a server: a dead link, a page in place of a file, other bytes than before
├── ImageError         one picture: not decodable, wrong shape, values outside [0, 1]
├── FilesError         the disk: no space, no permission, a file that would be overwritten
├── ParallelError      other processes: one died over its work
├── CheckpointError    a checkpoint that is unreadable or belongs to another network
├── RunError           a training run: folder already used, another data set
│   └── DivergedError  its loss, a score or a weight is not finite
├── ChapterError       a notebook: broken contract, failed execution
└── GradingError       a release, a folder of submissions, or a sandbox that is not there

Each message is one sentence: what was expected, what came, what to do.
"""

import difflib
from collections.abc import Iterable


class ExposureLabError(Exception):
    """Base of all of them; the command line prints its message and exits with 1."""


class ConfigError(ExposureLabError):
    """A profile, key or value that a run cannot take; the command line exits with 2."""


def unknown_name(what: str, name: str, known: Iterable[str]) -> ConfigError:
    """Error for a name that nothing has: it gives the nearest one that is known, or all of them."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}."
    return ConfigError(f"Unknown {what} {name!r}; {hint}")


class DataError(ExposureLabError):
    """A set of pairs that cannot be used as it is, or an archive that holds no such set."""


class DownloadError(ExposureLabError):
    """A file that a server does not give, or gives other than it was."""


class ImageError(ExposureLabError):
    """A picture that cannot be read, or an array that is not one."""


class FilesError(ExposureLabError):
    """A file that could not be written or would be overwritten."""


class ParallelError(ExposureLabError):
    """Work that other processes did not live to finish."""


class CheckpointError(ExposureLabError):
    """A checkpoint that cannot be loaded."""


class RunError(ExposureLabError):
    """A training run that cannot start or go on."""


class DivergedError(RunError):
    """A training run whose losses or weights have ceased to be finite."""


class ChapterError(ExposureLabError):
    """A chapter that breaks the contract or did not execute."""


class GradingError(ExposureLabError):
    """A release, submissions or a sandbox that grading cannot start from."""
