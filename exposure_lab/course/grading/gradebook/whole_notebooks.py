"""Words for the run of a whole notebook: one sentence for its student, one for the class."""

from collections import Counter
from collections.abc import Sequence

from exposure_lab.course.grading.evidence import Limit
from exposure_lab.course.grading.formative.result import Formative, Stop
from exposure_lab.course.grading.gradebook.shown_text import one_line

BECAUSE: dict[Limit, str] = {
    "time": "since it ran longer than the {allowed:g} s that a whole notebook has",
    "memory": "since it took more memory than there is for a whole notebook",
    "processes": "since it started more processes than are allowed",
    "output": "since it gave more output than can be read",
    "died": "since Python ended there",
}
"""Why a notebook was stopped, by the limit that it ran into."""

MOST_PLACES = 5
"""Places at which notebooks stopped that the class's page names."""


def tell_student(result: Formative) -> str:
    """Say in a sentence how far a whole notebook came; its error stands beside it."""
    stop = result.stop
    if stop is None:
        return f"It ran to its end in {result.seconds:.0f} s, all {result.cells} code cells of it."
    of = f"code cell {stop.cell} of {result.cells}, " if stop.cell else ""
    at = f"at {of}{_what(stop)}"
    if stop.limit is None:
        line = f", in its line {stop.number}" if stop.number else ""
        return f"It stopped {at}{line}, with an error:"
    return f"It was stopped {at}, {BECAUSE[stop.limit].format(allowed=result.allowed)}."


def tell_class(results: Sequence[Formative]) -> str:
    """Say in a sentence or two how many whole notebooks of a chapter came to their end."""
    ended = sum(one.stop is None for one in results)
    told = f"Whole notebooks run for feedback: {len(results)}; to their end: {ended}."
    stops = Counter(_what(one.stop, "the") for one in results if one.stop is not None)
    places = [f"{what} ({count})" for what, count in stops.most_common(MOST_PLACES)]
    if len(stops) > MOST_PLACES:
        places.append("and elsewhere")
    return f"{told} They stopped at {', '.join(places)}." if places else told


def _what(stop: Stop, whose: str = "your") -> str:
    """What the cell is at which a notebook stopped."""
    if stop.cell == 0:
        return "the start"
    question = one_line(stop.question)
    if stop.kind == "answer":
        return f"{whose} answer to {question}"
    if stop.kind == "check":
        return f"the check of {question}" if question else "a check"
    return "a cell that was added" if stop.kind == "added" else "a cell of the chapter"
