"""Near-identical answers: a renamed copy is found, honest answers are left alone."""

import random
import re
import time

import pytest

from exposure_lab.course.grading.gradebook.alike import find_alike
from exposure_lab.course.grading.gradebook.code_fingerprints import code_tokens

QUESTION = "01.levels"

ORIGINAL = '''
def spread(values, ev):
    """Spread the values."""
    total = 0.0
    result = []
    for index, value in enumerate(values):
        scaled = value * 2.0**ev if value > 0 else -value / 2
        total += scaled**2
        result.append(min(max(scaled, 0.0), 1.0))
    if total == 0:
        return result
    return [entry / total**0.5 for entry in result]  # done
'''

HONEST = """
import numpy as np

def spread(values, ev):
    array = np.asarray(values, dtype=float)
    lit = np.where(array > 0, array * np.exp2(ev), -array / 2)
    norm = np.sqrt(np.square(lit).sum())
    lit = np.clip(lit, 0, 1)
    return (lit / norm if norm else lit).tolist()
"""

OTHER_HONEST = """
def spread(values, ev):
    def lit(value):
        return value * pow(2, ev) if value > 0 else value / -2

    lights = list(map(lit, values))
    length = sum(light * light for light in lights) ** 0.5
    clipped = [0.0 if light < 0 else 1.0 if light > 1 else light for light in lights]
    return clipped if length == 0 else [light / length for light in clipped]
"""


STEP = """
def train_step(g, d, opt_g, opt_d, x, y, lam):
    fake = g(x)
    opt_d.zero_grad()
    loss_d = 0.5 * (bce(d(x, y), True) + bce(d(x, fake.detach()), False))
    loss_d.backward()
    opt_d.step()
    opt_g.zero_grad()
    loss_g = bce(d(x, fake), True) + lam * (fake - y).abs().mean()
    loss_g.backward()
    opt_g.step()
    return loss_d.item(), loss_g.item()
"""

OTHER_STEP = """
def train_step(generator, critic, g_opt, d_opt, real_in, real_out, weight):
    fake_out = generator(real_in)
    # critic first
    d_opt.zero_grad()
    real_score = critic(real_in, real_out)
    fake_score = critic(real_in, fake_out.detach())
    d_loss = (bce(real_score, True) + bce(fake_score, False)) / 2
    d_loss.backward()
    d_opt.step()
    g_opt.zero_grad()
    score = critic(real_in, fake_out)
    g_loss = bce(score, True) + weight * torch.abs(fake_out - real_out).mean()
    g_loss.backward()
    g_opt.step()
    return d_loss.item(), g_loss.item()
"""


def renamed_copy() -> str:
    """The original with other names, comments, docstring, blank lines and quotes."""
    code = ORIGINAL.replace('    """Spread the values."""\n', "    # my own work\n\n")
    for old, new in {"spread": "my_answer", "total": "s", "result": "out", "value": "x"}.items():
        code = re.sub(rf"\b{old}\b", new, code)
    return code.replace("  # done", "").replace("index", "number").replace("entry", "e")


def alike(*answers: str, known: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    sources = {f"s{number:03}": {QUESTION: answer} for number, answer in enumerate(answers)}
    return [group.students for group in find_alike(sources, {QUESTION: known})]


def test_renamed_copy_is_found() -> None:
    sources = {"ana": {QUESTION: ORIGINAL}, "bo": {QUESTION: renamed_copy()}, "cy": {}}
    (group,) = find_alike(sources | {"di": {QUESTION: HONEST}}, {})
    assert (group.question, group.students, group.share) == (QUESTION, ("ana", "bo"), 1.0)


def test_copy_with_one_line_changed_is_found_with_its_share() -> None:
    changed = renamed_copy().replace("/ s**0.5", "/ math.sqrt(s)")
    (group,) = find_alike({"ana": {QUESTION: ORIGINAL}, "bo": {QUESTION: changed}}, {})
    assert 0.7 <= group.share < 1


def test_honest_answers_are_left_alone() -> None:
    assert alike(ORIGINAL, HONEST, OTHER_HONEST) == []


def test_honest_answers_to_a_task_that_leaves_little_choice_are_left_alone() -> None:
    assert alike(STEP, OTHER_STEP) == []
    assert alike(STEP, STEP.replace("loss_", "l_")) == [("s000", "s001")]


def test_answers_near_the_code_that_was_given_or_the_reference_are_left_alone() -> None:
    assert alike(ORIGINAL, renamed_copy(), known=(ORIGINAL,)) == []


def test_short_answers_are_left_alone() -> None:
    short = "def double(values):\n    return values * 2\n"
    assert alike(short, short, short) == []


def test_shape_that_a_fifth_of_the_class_gives_is_left_alone() -> None:
    rng = random.Random(3)
    others = [varied_answer(rng) for _ in range(15)]
    assert alike(*[ORIGINAL] * 5, *others) == []
    assert alike(*[ORIGINAL] * 3, *others) == [("s000", "s001", "s002")]


def test_code_that_is_no_python_is_compared_too() -> None:
    broken = ORIGINAL.replace("for index", "for (index").replace("):", ")")
    assert alike(broken, broken.replace("total", "t")) == [("s000", "s001")]


@pytest.mark.parametrize(
    "odd", ["", "\x00", "'''", "\t \n  x\n y", "f'{a!r:>{b}}'", "é = '\ud800'"]
)
def test_odd_code_stops_nothing(odd: str) -> None:
    assert alike(odd, odd, ORIGINAL) == []


def test_names_of_attributes_builtins_and_numbers_count() -> None:
    assert code_tokens("y = np.clip(len(x), 0, 1)  # clip") == [
        *("v", "=", "v", ".", "clip", "(", "len", "(", "v", ")", ",", "0", ",", "1", ")")
    ]


def varied_answer(rng: random.Random) -> str:
    """An answer of 14 lines, each of one of twelve kinds."""
    calls = [f"np.{name}({{}}, {k})" for name in ("clip", "round", "roll") for k in range(4)]
    lines = (
        f"    x{i} = {rng.choice(calls).format(f'x{rng.randrange(i + 1)}')}" for i in range(14)
    )
    return "\n".join(("def answer(x0):", *lines, "    return x13"))


@pytest.mark.slow
def test_class_of_1000_takes_seconds_and_three_copies_are_found() -> None:
    """Measured: about 1 s; comparing all pairs of them would be half a million comparisons."""
    rng = random.Random(1)
    sources = {f"s{number:03}": {QUESTION: varied_answer(rng)} for number in range(1_000)}
    for student in ("s100", "s500", "s900"):
        sources[student] = {QUESTION: ORIGINAL.replace("total", f"t{student}")}
    start = time.process_time()
    groups = find_alike(sources, {})
    assert [group.students for group in groups] == [("s100", "s500", "s900")]
    assert time.process_time() - start < 20
