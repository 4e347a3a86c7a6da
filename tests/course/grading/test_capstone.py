"""Capstone, handed in: the template's own solutions earn everything, and no trick earns a point.

The first part trains nothing: random weights load and run as well as trained ones, and what is
wrong with a hand-in can be tried on them.
"""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from benchmark_modules import import_benchmark
from made_up_batch import needs_sandbox
from safetensors.numpy import save_file

from exposure_lab.course.graded.ch90_trained import TRAINED
from exposure_lab.course.grading.grade import Request, grade
from exposure_lab.course.grading.judge import judge_question
from exposure_lab.course.grading.record import Record, list_records
from exposure_lab.course.grading.references import Prepared, prepare
from exposure_lab.course.grading.run_worker import run_worker
from exposure_lab.course.grading.submissions.answers import CellSource
from exposure_lab.course.grading.trained.measured import LOADS, PARTS, STATED, psnr_of_each
from exposure_lab.course.grading.trained.photos import announced_photos
from exposure_lab.course.grading.trained.scores import psnr_by_exposure
from exposure_lab.course.grading.worker_job import worker_question
from exposure_lab.course.release.release import Course
from exposure_lab.course.release.release_folder import write_release

pytestmark = [needs_sandbox, pytest.mark.slow]

SETUP = "import numpy as np\nimport torch\nfrom itertools import pairwise\nfrom torch import nn\n"

SEED = 26
"""Of the release: its networks are among the smallest that a release draws."""


@pytest.fixture(scope="module")
def solution() -> Iterator[ModuleType]:
    yield from import_benchmark("capstone_solution")


class HandIn:
    """Code and files of a hand-in with random weights, whose figures are stated truly."""

    def __init__(self, folder: Path, solution: ModuleType, variants: dict[str, Any]) -> None:
        self.folder = folder
        self.variant = variants["90.trained"]
        names = ("90.unet", "90.trained")
        self.cells = [CellSource(solution.fitted(one, variants[one]), one) for one in names]
        self.names: dict[str, Any] = {"np": np, "torch": torch, "nn": torch.nn}
        self.names |= {"pairwise": pairwise}
        for cell in self.cells:
            exec(cell.source, self.names)
        torch.manual_seed(1)
        state = self.names["Generator"]().state_dict()
        self.weights = {name: values.numpy() for name, values in state.items()}
        self.write_weights()
        self.write_history(self.statements())

    def statements(self) -> dict[str, Any]:
        photos = announced_photos()
        outputs = self.names["correct"](self.weights, photos.inputs)
        how = {key: self.variant[key] for key in ("border", "mean")}
        found = psnr_by_exposure(outputs, photos.targets, photos.evs, **how)
        last = float(np.mean([value for ev, value in found.items() if ev]))
        each = psnr_of_each(outputs, photos.to_wire(), -1.5, how["border"])
        return {
            "psnr": {str(ev): value for ev, value in found.items()},
            "rows": [{"step": i, "loss_d": 1, "loss_g": 1, "psnr": last} for i in (1, 2, 3)],
            "starts": [0, 1],
            "verdicts": [{"claim": "gan-corrects", "with": each, "without": each, "verdict": ""}],
        }

    def write_weights(self, **changes: Any) -> None:
        save_file({**self.weights, **changes}, self.folder / "weights.safetensors")

    def write_history(self, said: Any) -> None:
        (self.folder / "history.json").write_text(json.dumps(said), encoding="utf-8")


@pytest.fixture
def hand_in(tmp_path: Path, solution: ModuleType) -> HandIn:
    from exposure_lab.course.graded.registry import graded_questions

    variants = {name: dict(q.variant(SEED)) for name, q in graded_questions("90").items()}
    (tmp_path / "handed-in").mkdir()
    return HandIn(tmp_path / "handed-in", solution, variants)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stages")


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare(TRAINED, TRAINED.variant(SEED), seed=3)


def lost(hand_in: HandIn, prepared: Prepared, stages: Path) -> dict[str, str]:
    """Run a hand-in in the sandbox and give the parts that it loses, with their sentences."""
    question = worker_question(TRAINED, prepared.inputs)
    found = run_worker(SETUP, hand_in.cells, [question], stages, handed_in=hand_in.folder)
    verdicts = judge_question(prepared.reference, found[TRAINED.id], TRAINED)
    return {one.part: one.sentence for one in verdicts if not one.right}


def test_random_weights_load_and_true_figures_count(
    hand_in: HandIn, prepared: Prepared, stages: Path
) -> None:
    sentences = lost(hand_in, prepared, stages)
    assert not {LOADS, STATED} & sentences.keys()
    assert sum("nearer to their targets" in one for one in sentences.values()) == 2


def other_network(one: HandIn) -> None:
    one.weights = {name: np.concatenate([v, v]) if v.ndim else v for name, v in one.weights.items()}
    one.write_weights()


def huge_header(one: HandIn) -> None:
    (one.folder / "weights.safetensors").write_bytes((2**40).to_bytes(8, "little") + bytes(100))


def not_a_number(one: HandIn) -> None:
    name = next(iter(one.weights))
    one.write_weights(**{name: np.full_like(one.weights[name], np.nan)})


def no_weights(one: HandIn) -> None:
    (one.folder / "weights.safetensors").unlink()


def no_history(one: HandIn) -> None:
    (one.folder / "history.json").unlink()


def unused(one: HandIn) -> None:
    """Correct by a rule, and leave the weights alone."""
    rule = "def correct(weights, photos):\n    return np.clip(photos * 1.5, 0, 255).astype('uint8')"
    one.cells[1] = CellSource(rule, "90.trained")


def writes(one: HandIn) -> None:
    """Try to change what was handed in from inside."""
    first, *rest = one.cells[1].source.splitlines()
    write = "    import os; open(os.environ['HANDED_IN'] + '/history.json', 'w').write('{}')"
    one.cells[1] = CellSource("\n".join([first, write, *rest]), "90.trained")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (other_network, "RuntimeError: Error(s) in loading state_dict for Generator"),
        (huge_header, "the header of weights.safetensors would have 1,099,511,627,776 bytes"),
        (not_a_number, "hold NaN or infinity"),
        (no_weights, "Expected weights.safetensors beside the notebook"),
        (no_history, "Expected history.json beside the notebook"),
        (unused, "must load the weights that it is given"),
        (writes, "Read-only file system"),
    ],
)
def test_a_hand_in_that_cannot_be_measured_earns_nothing(
    hand_in: HandIn,
    prepared: Prepared,
    stages: Path,
    spoil: Callable[[HandIn], None],
    sentence: str,
) -> None:
    spoil(hand_in)
    sentences = lost(hand_in, prepared, stages)
    assert list(sentences) == list(PARTS)
    assert sentence in sentences[LOADS]


def test_a_boast_is_named(hand_in: HandIn, prepared: Prepared, stages: Path) -> None:
    said = hand_in.statements()
    said["psnr"]["1.0"] += 3
    hand_in.write_history(said)
    sentences = lost(hand_in, prepared, stages)
    assert LOADS not in sentences
    assert "is stated at EV +1, and they give" in sentences[STATED]


SHORT = "steps, EPOCH, batch_size, short = 130, 26, 8, 4"
"""Settings of the run: a fifth of what profile smoke takes."""


@pytest.fixture(scope="module")
def graded(
    tmp_path_factory: pytest.TempPathFactory, solution: ModuleType
) -> tuple[dict[str, Record], Path]:
    """A class of two, graded whole: one honest, one that states other figures."""
    root = tmp_path_factory.mktemp("capstone")
    made = Course(solution.BOOK, SEED, ("capstone",)).release()
    write_release(root / "release", made)
    notebook = solution.solve(root / "release", made.manifest)
    solution.write_texts(notebook, "Two things differ, and the numbers say so.")
    honest, boasting = root / "class" / "anna", root / "class" / "ben"
    honest.mkdir(parents=True)
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        torch.set_num_threads(1)
        patch.setenv("EXPOSURE_LAB_PROFILE", "smoke")
        patch.setenv("EXPOSURE_LAB_HEADLESS", "1")
        solution.run_notebook(notebook, honest, SHORT)
        torch.set_num_threads(threads)
    (honest / "90_capstone.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    for path in honest.glob("*.pt"):
        path.unlink()
    (honest / "half.safetensors").unlink()
    boasting.mkdir()
    for path in honest.iterdir():
        (boasting / path.name).write_bytes(path.read_bytes())
    said = json.loads((boasting / "history.json").read_text())
    said["psnr"]["-1.5"] = 31.4
    (boasting / "history.json").write_text(json.dumps(said))
    request = Request(root / "class", root / "release", root / "grades", seed=5)
    grade(request, lambda sentence: None, lambda done, total: None)
    return {record.student: record for record in list_records(root / "grades")}, root / "grades"


def test_the_reference_solution_earns_every_automatic_point(
    graded: tuple[dict[str, Record], Path],
) -> None:
    anna = graded[0]["anna"]
    assert anna.problems == ()
    lost = [
        (question.id, part.part, part.reason)
        for question in anna.questions
        for part in question.parts
        if part.earned < part.points
    ]
    assert lost == []
    assert anna.earned == anna.points == 60


def test_stated_figures_that_are_wrong_lose_their_part_alone(
    graded: tuple[dict[str, Record], Path],
) -> None:
    records, _ = graded
    (trained,) = [one for one in records["ben"].questions if one.id == "90.trained"]
    (part,) = [part for part in trained.parts if part.earned < part.points]
    assert part.part == STATED
    assert "31.40 dB is stated at EV -1.5, and they give" in part.reason
    assert records["ben"].earned == 60 - part.points
    assert records["ben"].answers != records["anna"].answers  # the files count as well


def test_the_rubric_waits_for_a_person(graded: tuple[dict[str, Record], Path]) -> None:
    _, grades = graded
    results = {
        path.parent.parent.name.partition("-")[0]: json.loads(path.read_text())
        for path in grades.rglob("rubric.json")
    }
    assert (results["anna"]["share"], results["anna"]["open"]) == (0.85, 0.15)
    assert results["ben"]["share"] == pytest.approx(0.85 - 0.2 * 0.3)
