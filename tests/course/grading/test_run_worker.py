"""Answers in the sandbox: the evidence that a right, a wrong and a missing one give."""

from pathlib import Path

import numpy as np
import pytest
import torch
from worker_runs import asked, cell, evidence, require, values

from exposure_lab.course.grading.sandbox.limits import Limits


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require()
    return tmp_path_factory.mktemp("stages")


def test_a_right_answer_gives_its_values_and_what_it_printed(stages: Path) -> None:
    cells = [
        cell("import math\ndef helper(v):\n    return v * math.pi"),
        cell("def area(r):\n    print('radius', r)\n    return helper(r**2)", "area"),
    ]
    (found,) = evidence(stages, [asked("area", (1.0,), (2.0,))], *cells)
    assert values(found) == pytest.approx([3.14159265, 12.5663706])
    assert found.printed == "radius 1.0\nradius 2.0\n"
    assert (found.missing, found.error, found.limit) == (False, None, None)


def test_arrays_and_the_library_go_in_and_out(stages: Path) -> None:
    setup = "import numpy as np\nfrom exposure_lab.notebook import psnr, srgb_to_linear"
    cells = [cell("def f(photo):\n    return psnr(photo, photo + 0.1), photo[::-1]", "f")]
    photo = np.random.default_rng(0).random((4, 5, 3)) * 0.5
    (found,) = evidence(stages, [asked("f", (photo,))], *cells, setup=setup)
    ((decibels, mirrored),) = values(found)
    assert decibels == pytest.approx(20.0, abs=1e-4)  # an error of 0.1: 10 log10(1 / 0.01)
    np.testing.assert_array_equal(mirrored, photo[::-1])


@pytest.mark.slow
def test_torch_answers_through_a_harness(stages: Path) -> None:
    harness = (
        "def step(answer: Unknown, weight):\n"
        "    import torch\n"
        "    layer = torch.nn.Linear(2, 1, bias=False)\n"
        "    layer.weight.data = weight\n"
        "    answer(layer, torch.optim.SGD(layer.parameters(), lr=0.5))\n"
        "    return layer.weight\n"
    )
    answer = (
        "def f(layer, optimizer):\n"
        "    layer(torch.ones(1, 2)).sum().backward()\n"
        "    optimizer.step()\n"
    )
    question = asked("f", (torch.tensor([[1.0, 2.0]]),), harness=harness, harness_name="step")
    question = type(question)(**{**vars(question), "seconds": 20.0})
    (found,) = evidence(
        stages, [question], cell(answer, "f"), setup="import torch", limits=Limits()
    )
    (weight,) = values(found)
    torch.testing.assert_close(weight, torch.tensor([[0.5, 1.5]]))  # the gradient of a sum is one


def test_a_value_question_gives_the_variable(stages: Path) -> None:
    (found,) = evidence(stages, [asked("letters")], cell('letters = {"B", "A"}', "letters"))
    assert values(found) == [{"A", "B"}]


def test_an_answer_that_is_missing_or_fails_is_told(stages: Path) -> None:
    questions = [asked("f", (1,)), asked("g", (1,)), asked("h")]
    cells = [cell("def g(x):\n    raise KeyError('x' * 500)", "g"), cell("h = 1 / 0", "h")]
    missing, raising, failing = evidence(stages, questions, *cells)
    assert missing.missing and missing.cases == (None,)
    assert raising.cases[0] is not None and raising.cases[0].raised is not None
    assert raising.cases[0].raised.startswith("KeyError: 'xxx")
    assert len(raising.cases[0].raised) == 200
    assert failing.missing and failing.error == "ZeroDivisionError: division by zero"


def test_an_argument_that_was_changed_in_place_is_told_and_made_anew(stages: Path) -> None:
    questions = [asked("f", ([1, 2],), ([3],))]
    (found,) = evidence(stages, questions, cell("def f(v):\n    v.append(9)\n    return v", "f"))
    assert values(found) == [[1, 2, 9], [3, 9]]
    assert all(case is not None and case.changed for case in found.cases)


def test_random_numbers_are_the_same_in_each_case(stages: Path) -> None:
    answer = "import random, numpy as np\ndef f():\n    return random.random(), np.random.rand()"
    (found,) = evidence(stages, [asked("f", (), ())], cell(answer, "f"))
    first, second = values(found)
    assert first == second


def test_questions_that_need_what_another_leaves_out_run_apart(stages: Path) -> None:
    left_out = "exposure_lab.images.srgb"
    answer = (
        "from exposure_lab.notebook import srgb_to_linear\n"
        "def {0}(v):\n    return srgb_to_linear(v)"
    )
    questions = [
        asked("f", (np.array([1.0]),), leaves_out=(left_out,)),
        asked("g", (np.array([1.0]),), needs=(left_out,)),
    ]
    cells = [cell(answer.format("f"), "f"), cell(answer.format("g"), "g")]
    without, with_it = evidence(stages, questions, *cells)
    assert without.cases[0] is not None
    assert without.cases[0].raised == (
        "NotThere: `srgb_to_linear` is not there while answers are graded: write out what you need "
        "of it"
    )
    assert values(with_it) == [np.array([1.0])]


def test_a_trusted_submission_runs_without_a_sandbox(stages: Path) -> None:
    cells = [cell("def f(x):\n    return 2 * x", "f")]
    (found,) = evidence(stages, [asked("f", (4,))], *cells, sandboxed=False)
    assert values(found) == [8]
