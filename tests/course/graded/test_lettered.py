"""Lettered sentences in a release: other letters, the same sentences, verdicts without letters."""

import re
from functools import partial
from typing import Any

import pytest
from graded_answers import QUESTIONS, exercise

from exposure_lab.course.checks import find_question
from exposure_lab.course.expectations import Wrong
from exposure_lab.course.graded.ch08_explain import EXPLAIN, OF_ARTEFACT
from exposure_lab.course.graded.lettered import EVERY, MOST, lettered
from exposure_lab.course.graded.question import GradedQuestion
from exposure_lab.course.multiple_choice import MultipleChoice
from exposure_lab.course.release.exercise_text import apply_edits

CHOICE = MultipleChoice(
    right="AC",
    if_chosen={"B": "One is false.", "D": "Another is false."},
    if_missing={"A": "The first is missing.", "C": "The third is missing."},
)

MADE_UP = lettered(
    "00.explain", CHOICE, ("Ants.", "Bees.", "Cats.", "Dogs."), objective="tell animals apart"
)

VARIANT = {"order": "DACB"}  # A is the chapter's D, B its A, C its C, D its B

LETTERED: dict[str, tuple[GradedQuestion, MultipleChoice]] = {
    question.id: (question, question.judge.args[0])
    for question in QUESTIONS.values()
    if isinstance(question.judge, partial) and isinstance(question.judge.args[0], MultipleChoice)
}


def test_a_release_changes_which_letters_are_right() -> None:
    for seed in range(50):
        variant = MADE_UP.variant(seed)
        assert sorted(variant["order"]) == list("ABCD")
        assert MADE_UP.reference(variant) != set("AC")
    assert len({MADE_UP.variant(seed)["order"] for seed in range(50)}) > 5


def test_sentences_change_places_and_letters_stay() -> None:
    assert MADE_UP.edits(VARIANT) == {
        "- **A.** Ants.\n": "- **A.** Dogs.\n",
        "- **B.** Bees.\n": "- **B.** Ants.\n",
        "- **C.** Cats.\n": "- **C.** Cats.\n",
        "- **D.** Dogs.\n": "- **D.** Bees.\n",
    }
    assert MADE_UP.reference(VARIANT) == {"B", "C"}


def judged(answer: Any) -> tuple[str | None, str | None]:
    assert MADE_UP.judge is not None
    verdicts = MADE_UP.judge(VARIANT, answer)
    assert list(verdicts) == list(MADE_UP.parts) == [EVERY, MOST]
    return verdicts[EVERY], verdicts[MOST]


@pytest.mark.parametrize("answer", [{"B", "C"}, {"b", "C"}, ["C", "B"], ("B", "C"), "B, C", "b c"])
def test_right_letters_may_come_in_any_form(answer: Any) -> None:
    assert judged(answer) == (None, None)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"A", "B", "C"}, "Another is false."),
        ({"B", "C", "D"}, "One is false."),
        ({"C"}, "The first is missing."),
        ({"B"}, "The third is missing."),
    ],
)
def test_one_sentence_judged_wrongly_earns_the_second_part(answer: Any, sentence: str) -> None:
    assert judged(answer) == (sentence, None)


@pytest.mark.parametrize(
    ("answer", "sentences"),
    [
        ({"A", "B", "C", "D"}, ("One is false.", "Another is false.")),
        ({"A", "C"}, ("Another is false.", "The first is missing.")),  # the chapter's own answer
        ({"A"}, ("Another is false.", "The first is missing.")),
    ],
)
def test_two_judged_wrongly_earn_nothing_and_get_two_sentences(answer: Any, sentences: Any) -> None:
    assert judged(answer) == sentences


@pytest.mark.parametrize("answer", [set(), {"E"}, "", 3, None, {"A": 1}, {1, 2}])
def test_what_holds_no_letters_is_told_so(answer: Any) -> None:
    every, most = judged(answer)
    assert every == most
    assert every is not None and every.startswith("Expected")


def test_too_few_sentences_are_the_authors_error() -> None:
    with pytest.raises(ValueError, match="4 letters, 2 texts"):
        lettered("00.explain", CHOICE, ("Ants.", "Bees."), objective="tell animals apart")
    all_right = MultipleChoice("AB", {}, {"A": "One is missing.", "B": "Another is missing."})
    with pytest.raises(ValueError, match="none can change sides"):
        lettered("00.explain", all_right, ("Ants.", "Bees."), objective="tell animals apart")


@pytest.mark.parametrize("name", LETTERED)
def test_sentences_and_choice_are_those_of_the_chapter(name: str) -> None:
    question, choice = LETTERED[name]
    assert find_question(name).judge == choice
    text = exercise(question).text
    lines = re.findall(r"^- \*\*([A-Z])\.\*\* (.+)$", text, re.MULTILINE)
    assert "".join(letter for letter, _ in lines) == choice.choices
    for seed in range(5):
        variant = question.variant(seed)
        edited = apply_edits(name, exercise(question), question.edits(variant)).text
        new = re.findall(r"^- \*\*([A-Z])\.\*\* (.+)$", edited, re.MULTILINE)
        sentences = dict(lines)
        assert new == [
            (letter, sentences[old])
            for letter, old in zip(choice.choices, variant["order"], strict=True)
        ]


@pytest.mark.parametrize("artefact", OF_ARTEFACT)
def test_the_chapter_says_of_a_cause_what_a_release_says(artefact: str) -> None:
    """Chapter 08's letters are one to an artefact; one sentence serves both forms of a hint."""
    wrong = {**OF_ARTEFACT, artefact: "A" if OF_ARTEFACT[artefact] == "B" else "B"}
    with pytest.raises(Wrong) as caught:
        find_question("08.explain").judge(wrong)
    assert EXPLAIN.judge is not None
    verdicts = EXPLAIN.judge({"order": "ABCDEF"}, wrong)
    assert str(caught.value) in verdicts.values()
    assert list(verdicts.values()).count(None) == 1
