"""Fingerprints of code: its shape without comments and names, as overlapping runs of tokens."""

import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence

RUN = 5
"""Tokens of one run."""

LONGEST_SOURCE = 20_000
"""Signs of an answer that are looked at."""

KEPT_NAMES = frozenset((*keyword.kwlist, *dir(builtins)))
"""Names that say what code does; a student's own ones may be changed at will."""

DROPPED = {
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENCODING, tokenize.ENDMARKER),
}
ANY_SIGNS = re.compile(r"\w+|[^\w\s]")

Run = tuple[str, ...]


def runs(source: str) -> frozenset[Run]:
    """Runs of tokens in code, whose own names are all one."""
    tokens = code_tokens(source)
    return frozenset(zip(*(tokens[start:] for start in range(RUN)), strict=False))


def code_tokens(source: str) -> list[str]:
    """Tokens of code without comments, docstrings and names of its own.

    Code that is no Python is taken apart at its signs.
    """
    source = source[:LONGEST_SOURCE]
    try:
        lines = io.StringIO(source).readline
        found = [token for token in tokenize.generate_tokens(lines) if token.type not in DROPPED]
    except (tokenize.TokenError, SyntaxError, ValueError):
        words = ANY_SIGNS.findall(source)
        return ["v" if _own(word) else word for word in words]
    return list(_shapes(found))


def _shapes(tokens: Sequence[tokenize.TokenInfo]) -> Iterator[str]:
    before = ""
    for place, token in enumerate(tokens):
        if token.type in (tokenize.INDENT, tokenize.DEDENT):
            shape = tokenize.tok_name[token.type]
        elif token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_MIDDLE":
            if _stands_alone(tokens, place):
                continue
            shape = "s"
        elif token.type == tokenize.NAME and before != "." and _own(token.string):
            shape = "v"
        else:
            shape = token.string
        yield shape
        before = shape


def _stands_alone(tokens: Sequence[tokenize.TokenInfo], place: int) -> bool:
    """Whether a text is all that its lines hold, as a docstring is."""
    line = tokens[place].line.strip()
    return line.startswith(tokens[place].string[:3]) and (
        place + 1 == len(tokens) or tokens[place + 1].start[0] > tokens[place].end[0]
    )


def _own(name: str) -> bool:
    return name.isidentifier() and name not in KEPT_NAMES
