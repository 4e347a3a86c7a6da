"""The library's pages: settings in words, examples that run, and the figures of large runs."""

import json
import re
from pathlib import Path
from typing import Annotated, Literal

import matplotlib
import pytest
import torch
from pydantic import BaseModel, Field

import exposure_lab
from exposure_lab import notebook
from exposure_lab.config import DataConfig, RunConfig
from exposure_lab.data.sources.msec_scenes import MSEC_COUNTS
from exposure_lab.images.array import Array
from exposure_lab.images.io import write_image
from exposure_lab.networks.build import build_discriminator, build_generator
from exposure_lab.profiles.load import load_profile
from exposure_lab.publishing.library_pages import in_words
from exposure_lab.study.experiments import all_experiments
from exposure_lab.study.plan import Settings, plan_runs

ROOT = Path(__file__).resolve().parents[2]
APPENDIX = ROOT / "book" / "appendix"


class Odd(BaseModel):
    """Settings of every kind of range."""

    count: Annotated[int, Field(gt=0, lt=10_000)]
    share: Annotated[float, Field(ge=0, le=0.5)]
    decay: Annotated[float, Field(ge=0, lt=1)]
    rate: Annotated[float, Field(gt=0)]
    name: str = "none"
    norm: Literal["batch", "instance"]
    only: Literal["one"]
    limit: float | None = None
    data: DataConfig
    kind: Annotated[DataConfig, "a note"] | Annotated[RunConfig, "another"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("count", "whole number from 1 to 9,999"),
        ("share", "number from 0 to 0.5"),
        ("decay", "number at least 0 and below 1"),
        ("rate", "number above 0"),
        ("name", "text; none where not given"),
        ("norm", "``batch`` or ``instance``"),
        ("only", "``one``"),
        ("limit", "number"),
        ("data", ":class:`~exposure_lab.config.DataConfig`"),
        (
            "kind",
            ":class:`~exposure_lab.config.DataConfig` or :class:`~exposure_lab.config.RunConfig`",
        ),
    ],
)
def test_a_setting_is_told_in_words(name: str, words: str) -> None:
    assert in_words(Odd.model_fields[name]) == words


def test_no_setting_is_told_as_pydantic_spells_it() -> None:
    told = [in_words(field) for field in RunConfig.model_fields.values()]
    assert not [
        words for words in told if re.search(r"Annotated|FieldInfo|typing|class '|Tag", words)
    ]


@pytest.mark.slow
def test_the_examples_of_the_library_page_run(
    tmp_path: Path,
    photo: Array,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One after the other, in a folder with a photo of that name, as a reader would."""
    matplotlib.use("Agg")
    write_image(tmp_path / "photo.jpg", photo)
    monkeypatch.chdir(tmp_path)
    text = (APPENDIX / "api.md").read_text("utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == len(re.findall(r"^## (?!All names)", text, re.MULTILINE))
    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "api.md", "exec"), names)
    assert (tmp_path / "better.jpg").exists() and (tmp_path / "by_rule.jpg").exists()
    printed = capsys.readouterr().out
    assert "auto-gamma: " in printed and "dB on held-out photos" in printed


def test_large_runs_quotes_the_benchmarks_and_counts_rightly() -> None:
    """What is computed there is computed here anew, from the files that it names."""
    page = (APPENDIX / "large_runs.md").read_text("utf-8")
    results = ROOT / "benchmarks" / "results"
    train = json.loads((results / "train.json").read_text("utf-8"))["figures"]
    data = json.loads((results / "data.json").read_text("utf-8"))["figures"]
    report = load_profile("report")
    pairs, others = MSEC_COUNTS["training"], MSEC_COUNTS["validation"]
    passes = pairs * report.training.epochs
    rate = train["ours_bf16_images_per_s"]
    checked, packed = data["verify_files_per_min_1_jobs"], data["pack_images_per_s"]
    inputs = pairs + others
    photos = inputs + inputs // 5  # five exposures share a target
    files = photos + 2 * MSEC_COUNTS["testing"]  # an input and five experts' targets a scene
    minutes = passes * 86.94e9 / (0.3 * 790e12) / 60
    runs = {
        run.settings: run for run in plan_runs([*all_experiments().values()], Settings("report"))
    }
    epochs = sum(run.config.training.epochs for run in runs.values())
    lengths = epochs / report.training.epochs
    held_out = MSEC_COUNTS["validation"] + MSEC_COUNTS["testing"]
    scored = json.loads((results / "scoring.json").read_text("utf-8"))["figures"]["pairs_per_s"]
    scoring = len(runs) * held_out / scored / 3600
    squares = held_out + others // 5 + MSEC_COUNTS["testing"] // 5  # exposures share a target
    hours = lengths * minutes / 60 + scoring
    for said in (
        f"{passes:,} image passes: {pairs:,} pairs, {report.training.epochs} epochs",
        f"{passes * 86.94e9 / 1e15:.0f} PFLOP",
        f"{rate:.1f} images a second",
        f"{passes / rate / 86_400:.1f} days",
        f"{minutes:.0f} minutes | estimated",
        f"| {len(runs)}, as long as {lengths:.0f} of the report's |",
        f"{held_out:,} held-out pairs of MSEC",
        f"{scored:.0f} pairs a second: {held_out / scored / 60:.0f} minutes a run, "
        f"{scoring:.0f} hours for all",
        f"{squares * 3 * report.data.image_size**2 / 1e9:.1f} GB, a byte a value",
        f"{hours:.0f} hours | estimated: {lengths:.0f} times {minutes:.0f} minutes, and the",
        f"{3 * round(hours)} dollars | estimated",
        f"{checked:,.0f} files a minute: {files / checked:.0f} minutes for all {files:,} of MSEC",
        f"{packed:.0f} photos a second: {photos / packed / 60:.0f} minutes for the {photos:,}",
    ):
        assert said in page


def test_large_runs_counts_the_memory_of_a_step() -> None:
    """Weights four times over, and the tensors that autograd keeps for the backward pass."""
    report = load_profile("report")
    side, batch = report.data.image_size, report.training.batch_size
    with torch.device("meta"):
        networks = build_generator(report), build_discriminator(report)
    parameters = [parameter for network in networks for parameter in network.parameters()]
    weights = 16 * sum(parameter.numel() for parameter in parameters)

    def saved(photos: int) -> int:
        kept = {}

        def note(tensor: torch.Tensor) -> torch.Tensor:
            if not isinstance(tensor, torch.nn.Parameter):
                storage = tensor.untyped_storage()
                kept[storage._cdata] = storage.nbytes()
            return tensor

        pictures = torch.empty(photos, 3, side, side, device="meta")
        with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
            fake = networks[0](pictures)
            verdict = networks[1](pictures, fake)
        assert verdict.requires_grad
        return sum(kept.values())

    activations = batch * (saved(3) - saved(2))
    page = (APPENDIX / "large_runs.md").read_text("utf-8")
    assert (
        f"{(weights + activations) / 1e9:.1f} GB: {weights / 1e9:.1f} for weights, gradients and "
        f"Adam's moments, {activations / 1e9:.1f} for what the backward pass reads"
    ) in page
    generator = 4 * sum(parameter.numel() for parameter in networks[0].parameters()) / 1e9
    runs = {run.settings for run in plan_runs([*all_experiments().values()], Settings("report"))}
    checkpoint = 12 * sum(parameter.numel() for parameter in parameters) / 1e9  # weights, moments
    kept = report.training.epochs // report.training.keep_every + 2
    assert f"{kept * checkpoint:.0f} GB: checkpoints of {checkpoint:.1f} GB" in page
    left = f"{generator:.2f} GB, and its history: {len(runs) * generator:.0f} GB for all"
    assert left in " ".join(page.split())


def test_the_module_of_every_public_name_has_one_section() -> None:
    pages = "".join(page.read_text("utf-8") for page in APPENDIX.glob("library_*.md"))
    described = re.findall(r"automodule:: exposure_lab\.(\S+)", pages)
    homes = {*exposure_lab._HOMES.values(), *notebook._HOMES.values()}
    assert sorted(homes - set(described)) == []
    assert len(described) == len(set(described))
