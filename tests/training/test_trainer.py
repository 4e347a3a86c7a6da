"""What a run leaves, and what it refuses."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from runs import STEPS, assert_same_run, run_whole

from exposure_lab.checkpoints.folders import checkpoint_folders
from exposure_lab.config import RunConfig
from exposure_lab.data.loading.dataset import PairedImages
from exposure_lab.data.pairs import find_pairs
from exposure_lab.errors import DataError, FilesError, RunError
from exposure_lab.files.ownership import folder_lock
from exposure_lab.images.array import to_pixels
from exposure_lab.images.io import read_image
from exposure_lab.inference.load import load_generator
from exposure_lab.metrics.pixel import l1, psnr
from exposure_lab.networks.unet import UNet
from exposure_lab.training.gan import GAN
from exposure_lab.training.history import read_history
from exposure_lab.training.validation import read_psnr_of_each


def test_what_a_run_leaves(whole: Path, tiny: RunConfig) -> None:
    names = {path.name for path in whole.iterdir() if not path.name.startswith(".")}
    assert names == {"config.json", "history.jsonl", "summary.json", "checkpoints", "validation"}
    assert json.loads((whole / "config.json").read_text()) == tiny.model_dump(mode="json")
    assert [folder.name for folder in checkpoint_folders(whole)] == ["00000008", "00000012"]
    of_epochs = {path.name for path in (whole / "validation").iterdir()}
    kinds = ("png", "json")
    assert of_epochs == {f"epoch_{epoch:03d}.{kind}" for epoch in range(4) for kind in kinds}
    # Four rows of input, output and target.
    assert read_image(whole / "validation" / "epoch_000.png").shape == (4 * 16, 3 * 16, 3)


def test_summary(whole: Path) -> None:
    summary = json.loads((whole / "summary.json").read_text())
    scores = {"train_l1_first", "train_l1_last", "val_psnr_first", "val_psnr_last"}
    about = {"steps", "seconds", "images_per_s", "val_psnr_identity", "provenance"}
    assert summary.keys() == scores | about
    assert summary["steps"] == STEPS
    assert summary["images_per_s"] == pytest.approx(STEPS * 4 / summary["seconds"], rel=0.1)
    epochs = read_history(whole, "epoch")
    for name in ("train_l1", "val_psnr"):
        assert summary[f"{name}_first"] == epochs[0][name]
        assert summary[f"{name}_last"] == epochs[-1][name]
    provenance = summary["provenance"]
    assert (provenance["seed"], provenance["device"], provenance["precision"]) == (7, "cpu", "fp32")
    assert provenance["profile"] == "smoke"
    assert len(provenance["data"]) == 16


def test_history_of_a_run(whole: Path) -> None:
    assert [row["step"] for row in read_history(whole, "step")] == list(range(1, STEPS + 1))
    epochs = read_history(whole, "epoch")
    assert [(row["epoch"], row["step"]) for row in epochs] == [(0, 0), (1, 4), (2, 8), (3, 12)]
    assert all(0 < row["train_l1"] < 1 and 0 < row["val_l1"] < 1 for row in epochs)


def test_the_score_of_each_input_is_kept(whole: Path, tmp_path: Path) -> None:
    each = read_psnr_of_each(whole)
    assert each.shape == (4, 8)  # before training and after three epochs; see the test below
    means = [row["val_psnr"] for row in read_history(whole, "epoch")]
    assert each.mean(axis=1) == pytest.approx(means, abs=1e-4)
    assert read_psnr_of_each(tmp_path).shape == (0, 0)  # of an older version


def test_untouched_inputs_are_scored_without_ev_0(
    whole: Path, small_set: Path, tiny: RunConfig
) -> None:
    wrong = [pair for pair in find_pairs(small_set, "validation") if pair.ev != 0]
    dataset = PairedImages(wrong, tiny.data, 0)
    pairs = [map(to_pixels, dataset.center(index)) for index in range(len(wrong))]
    scores = [psnr(*pair) for pair in pairs]
    assert len(scores) == 8  # china and flower, four wrong exposures each
    row = read_history(whole, "epoch")[0]
    assert row["val_psnr_identity"] == pytest.approx(sum(scores) / 8)


def test_scores_are_taken_in_evaluation_mode(whole: Path, small_set: Path, tiny: RunConfig) -> None:
    generator, _ = load_generator(whole)
    dataset = PairedImages(find_pairs(small_set, "training"), tiny.data, 0)
    centers = [dataset.center(index) for index in range(len(dataset))]
    with torch.inference_mode():
        scores = [l1(to_pixels(generator(a[None])[0]), to_pixels(b)) for a, b in centers]
    assert not generator.training
    last = read_history(whole, "epoch")[-1]
    assert last["train_l1"] == pytest.approx(sum(scores) / len(scores), rel=1e-4)


def test_used_folder_is_refused(whole: Path, small_set: Path, tiny: RunConfig) -> None:
    original = (whole / "history.jsonl").read_bytes()
    with pytest.raises(RunError, match=r"Expected a new folder, but .* holds a run: go on with"):
        run_whole(tiny, small_set, whole)
    assert (whole / "history.jsonl").read_bytes() == original


def test_second_process_is_kept_out(small_set: Path, tiny: RunConfig, tmp_path: Path) -> None:
    with folder_lock(tmp_path), pytest.raises(FilesError, match="another process is writing"):
        run_whole(tiny, small_set, tmp_path)


def test_loss_that_is_not_finite_stops_the_run(small_set: Path, tiny: RunConfig, tmp_path: Path):
    optimizer = tiny.optimizer.model_copy(update={"lr": 1e30})
    config = tiny.model_copy(update={"optimizer": optimizer})
    with pytest.raises(RunError, match=r"but \w+ is not after step \d+: lower optimizer\.lr"):
        run_whole(config, small_set, tmp_path)
    assert checkpoint_folders(tmp_path) == []
    assert not (tmp_path / "summary.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_weights_that_are_not_finite_are_never_kept(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: str
) -> None:
    """The update after the last finite loss of an epoch can be the one that breaks a network."""
    step, losses_so_far = GAN.step, []

    def breaking(gan, *arguments):
        losses = step(gan, *arguments)
        losses_so_far.append(losses)
        if len(losses_so_far) == 8:
            with torch.no_grad():
                next(getattr(gan, network).parameters())[0, 0, 0, 0] = float("nan")
        return losses

    monkeypatch.setattr(GAN, "step", breaking)
    with pytest.raises(RunError, match=r"is not after step 8: .*00000004 is from before it\.$"):
        run_whole(tiny, small_set, tmp_path)
    assert [folder.name for folder in checkpoint_folders(tmp_path)] == ["00000004"]
    monkeypatch.setattr(GAN, "step", step)
    assert run_whole(tiny, small_set, tmp_path, resume=True)["steps"] == STEPS


@pytest.mark.slow
def test_pictures_that_are_no_numbers_are_never_kept(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Finite weights can overflow inside a network."""
    forward = UNet.forward

    def overflowing(self, image):
        output = forward(self, image)
        return output if self.training or finite else output * float("nan")

    finite = [True]
    monkeypatch.setattr(UNet, "forward", overflowing)
    run_whole(tiny, small_set, tmp_path / "good")
    finite.clear()
    with pytest.raises(RunError, match=r"Expected pictures from the generator, but .* are NaN"):
        run_whole(tiny, small_set, tmp_path / "bad")
    assert checkpoint_folders(tmp_path / "bad") == []


def test_the_step_that_is_not_finite_is_named(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, losses_so_far = GAN.step, []

    def breaking(gan, *arguments):
        losses = step(gan, *arguments)
        losses_so_far.append(losses)
        return losses._replace(l1=losses.l1 * float("inf")) if len(losses_so_far) >= 7 else losses

    monkeypatch.setattr(GAN, "step", breaking)
    with pytest.raises(RunError, match=r"but l1 is not after step 7: "):
        run_whole(tiny, small_set, tmp_path)
    assert [row["step"] for row in read_history(tmp_path, "step")] == [1, 2, 3, 4, 5, 6]


def test_a_full_disk_leaves_the_checkpoint_before(
    small_set: Path, tiny: RunConfig, whole: Path, tmp_path: Path, small_disk: Path
) -> None:
    with pytest.raises(FilesError, match=r"room for a checkpoint .*00000012.* with --resume"):
        run_whole(tiny, small_set, small_disk / "run")
    left = sorted(path.name for path in (small_disk / "run" / "checkpoints").iterdir())
    assert left == ["00000004", "00000008"]
    shutil.copytree(small_disk / "run", tmp_path / "roomier")
    run_whole(tiny, small_set, tmp_path / "roomier", resume=True)
    assert_same_run(tmp_path / "roomier", whole)


def test_data_that_is_missing(tiny: RunConfig, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Expected training pairs in"):
        run_whole(tiny, tmp_path / "nowhere", tmp_path / "run")


def test_on_epoch_sees_every_row(small_set: Path, tiny: RunConfig, tmp_path: Path) -> None:
    rows: list[dict] = []
    run_whole(tiny, small_set, tmp_path, on_epoch=rows.append)
    assert rows == read_history(tmp_path, "epoch")[1:]


def test_whole_passes_with_a_remainder(small_set: Path, tiny: RunConfig, tmp_path: Path) -> None:
    training = tiny.training.model_copy(update={"batch_size": 8, "steps_per_epoch": 0, "epochs": 2})
    config = tiny.model_copy(update={"training": training})
    summary = run_whole(config, small_set, tmp_path)
    assert summary["steps"] == 2 * 3  # 20 pairs: 8, 8 and 4


def test_rate_falls_in_the_second_half(
    small_set: Path, tiny: RunConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    rates: list[float] = []
    step = GAN.step

    def spy(gan, *arguments):
        rates.append(gan.generator_optimizer.param_groups[0]["lr"])
        assert gan.discriminator_optimizer.param_groups[0]["lr"] == rates[-1]
        return step(gan, *arguments)

    monkeypatch.setattr(GAN, "step", spy)
    run_whole(tiny, small_set, tmp_path)
    falling = [2e-3 * left / 6 for left in (6, 5, 4, 3, 2, 1)]
    assert rates == pytest.approx([2e-3] * 6 + falling)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_short_run_learns(small_set: Path, tiny: RunConfig, tmp_path: Path, seed: int) -> None:
    training = tiny.training.model_copy(update={"epochs": 3, "steps_per_epoch": 50})
    generator = tiny.generator.model_copy(update={"width": 8})
    changes = {"training": training, "generator": generator, "seed": seed}
    summary = run_whole(tiny.model_copy(update=changes), small_set, tmp_path)
    # Five other seeds ended at 0.36 to 0.42 of where they began.
    assert summary["train_l1_last"] < 0.6 * summary["train_l1_first"], summary
