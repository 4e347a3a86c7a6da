"""Curves of a run, and the figures that a run has one of: how its loss fell and what it tracked."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from exposure_lab.config import LossConfig, RunConfig
from exposure_lab.files.json_files import read_json_object
from exposure_lab.study.rules import rise_at_end
from exposure_lab.training.history import Row, read_history
from exposure_lab.training.summary import SUMMARY
from exposure_lab.training.validation import read_psnr_of_each

Curve = dict[str, list[float]]


def generator_loss(rows: Sequence[Row], settings: LossConfig) -> NDArray[np.float64]:
    """Compute the generator's loss at each step of a history, as the report plots it.

    The adversarial term and L1, each by its weight. Where the pixel term of a run is L2, or there
    is none, L1 stands for it all the same, so that the arms can be compared.
    """
    lambda_l1 = settings.lambda_l1 or 100.0
    return np.array(
        [settings.lambda_adversarial * row["adversarial"] + lambda_l1 * row["l1"] for row in rows]
    )


def curve_of(run: Path, config: RunConfig) -> Curve:
    """Collect the curves of a run: held-out scores after each epoch and the mean loss within it.

    Returns:
        ``step``, ``val_psnr`` and ``val_psnr_identity`` from epoch 0 on; ``loss``, ``l1``,
        ``adversarial`` and ``discriminator``, means over an epoch's steps, from epoch 1 on; and
        ``first_epoch``, the loss of each of its steps in 50 means.
    """
    steps, epochs = read_history(run, "step"), read_history(run, "epoch")
    length = max(1, len(steps) // max(1, len(epochs) - 1))
    loss = generator_loss(steps, config.loss)
    curve = {key: [_round(row[key]) for row in epochs] for key in ("step", "val_psnr")}
    curve["loss"] = _means(loss, length)
    for key in ("l1", "adversarial", "discriminator"):
        curve[key] = _means(np.array([row[key] for row in steps]), length)
    curve["first_epoch"] = _means(loss[:length], max(1, length // 50))
    return curve


def run_figures(run: Path, config: RunConfig, updates: Sequence[float | None]) -> dict[str, float]:
    """Compute the figures that a run has one of.

    Args:
        run: its folder.
        config: its settings.
        updates: relative change of the generator's weights in each epoch, where known.

    Returns:
        - ``rise``: rise of the held-out PSNR over the last fifth of the run, dB
        - ``loss_fall``: share by which the generator's loss fell from the first epoch to the last
        - ``first_epoch_fall``: share by which it fell from the first quarter of the first epoch to
          the last quarter of that epoch
        - ``late_epoch_fall``: share by which it fell so within the last epoch
        - ``settling``: share of the loss's fall that lies in the first half of the run
        - ``loss_quality_rank``: Kendall's tau over epochs of falling loss and rising held-out PSNR
        - ``one_picture_rank``: Kendall's tau of the epochs' order by one held-out picture with that
          by all of them, the mean over pictures
        - ``update_norm``: mean relative change of the generator's weights in an epoch
        - ``images_per_s``: training pictures per second
    """
    steps, epochs = read_history(run, "step"), read_history(run, "epoch")
    loss = generator_loss(steps, config.loss)
    length = max(1, len(steps) // max(1, len(epochs) - 1))
    by_epoch = np.array(_means(loss, length))
    figures = {
        "rise": rise_at_end([*epochs]),
        "loss_fall": 1 - by_epoch[-1] / by_epoch[0],
        "first_epoch_fall": _fall_within(loss[:length]),
        "late_epoch_fall": _fall_within(loss[-length:]),
        "images_per_s": read_json_object(run / SUMMARY)["images_per_s"],
    }
    if by_epoch[0] > by_epoch[-1]:
        half = by_epoch[(len(by_epoch) - 1) // 2]
        figures["settling"] = (by_epoch[0] - half) / (by_epoch[0] - by_epoch[-1])
    scores = np.array([row["val_psnr"] for row in epochs[1:]])
    if len(scores) > 2 and len(scores) == len(by_epoch):
        figures["loss_quality_rank"] = kendalltau(-by_epoch, scores).statistic
    each = read_psnr_of_each(run)[1:]
    if len(each) > 2:
        figures["one_picture_rank"] = one_picture_rank(each)
    if known := [change for change in updates if change is not None]:
        figures["update_norm"] = float(np.mean(known))
    return {name: _round(value) for name, value in figures.items()}


def one_picture_rank(psnr: NDArray[np.float64]) -> float:
    """Rank correlation between the course of one picture and that of all, the mean over pictures.

    Kendall's tau: 1 where each picture puts the epochs into the order that their mean gives them, 0
    where it says nothing of it. A picture that never changes says nothing.

    Args:
        psnr: (E, P), of P pictures after E epochs, dB.
    """
    mean = psnr.mean(axis=1)
    taus = [kendalltau(picture, mean).statistic for picture in psnr.T]
    return float(np.mean(np.nan_to_num(taus)))


def _fall_within(loss: NDArray[np.float64]) -> float:
    quarter = max(1, len(loss) // 4)
    return float(1 - loss[-quarter:].mean() / loss[:quarter].mean())


def _means(values: NDArray[np.float64], length: int) -> list[float]:
    """Average each so many values; a shorter rest at the end counts as one more."""
    return [_round(values[i : i + length].mean()) for i in range(0, len(values), length)]


def _round(value: float) -> float:
    return float(f"{value:.5g}")
