"""Questions whose answer is a set of letters, written as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exposure_lab.course.expectations import expect, letters


@dataclass(frozen=True)
class MultipleChoice:
    """Judge of a question that offers lettered sentences, of which several may be right.

    Sentences are said in the order in which they are written here: first of a wrong choice, then of
    a right one that is missing. They are whole, as the student reads them, and never name a letter.
    """

    right: str
    """The letters of the right choices, such as ``"ACE"``."""
    if_chosen: Mapping[str, str]
    """Letter of each wrong choice to what is said where it is chosen."""
    if_missing: Mapping[str, str]
    """Letter of each right choice to what is said where it is not chosen."""

    @property
    def choices(self) -> str:
        """All letters that the exercise offers, in order."""
        return "".join(sorted({*self.right, *self.if_chosen}))

    def __call__(self, answer: Any) -> None:
        """Judge the letters of an answer. Raises Wrong."""
        chosen = letters(answer, self.choices)
        for letter, sentence in self.if_chosen.items():
            expect(letter not in chosen, sentence)
        for letter in self.right:
            expect(letter in chosen, self.if_missing[letter])
