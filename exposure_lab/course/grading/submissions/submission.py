"""Submission: everything that one student handed in, and what an instructor must know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Submission:
    """What one student, or one group under a student's name, handed in."""

    student: str
    """Key that no other submission of the batch has, in either case of its letters."""
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)
    """What the system needs back: ``canvas_id``, ``canvas_anonymous_id``, ``moodle_id``,
    ``moodle_group``, ``gradescope_id``, ``sid``, ``email``, or columns of a mapping file."""
    late: bool | None = None
    """None where the system does not say."""
    submitted: datetime | None = None
    notebooks: tuple[Path, ...] = ()
    """At most one of each chapter, in the order of the chapters."""
    other_files: tuple[Path, ...] = ()
    """Weights, histories and tables beside them."""
    problems: tuple[str, ...] = ()
    """What keeps something from being graded, one sentence each, with what to do."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Chapter to what was decided, such as which attempt counts; nothing is to be done."""
