"""Answers to the capstone's questions as students may write them: its own solutions, spoiled."""

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

FILE = Path(__file__).parents[4] / "benchmarks" / "capstone_solution.py"
SPEC = spec_from_file_location("capstone_solution", FILE)
assert SPEC is not None and SPEC.loader is not None
SOLUTION = module_from_spec(SPEC)
SPEC.loader.exec_module(SOLUTION)

NAMES = {
    "90.pairs": "list_pairs",
    "90.cut": "cut_pair",
    "90.unet": "Generator",
    "90.patchgan": "Discriminator",
    "90.losses": "losses",
    "90.step": "train_step",
    "90.resume": "resume",
    "90.evaluate": "psnr_by_ev",
    "90.verdict": "verdict",
}


def spoiled(question: str, *pairs: tuple[str, str]) -> Callable[[Any], Any]:
    """A maker of the template's solution, fitted to a variant, with passages replaced."""

    def make(variant: Any) -> Any:
        source = SOLUTION.fitted(question, variant)
        for old, new in pairs:
            assert old in source, (old, source)
            source = source.replace(old, new)
        names: dict[str, Any] = {"np": np, "torch": torch, "nn": nn, "F": F, "pairwise": pairwise}
        exec(source, names)
        return names[NAMES[question]]

    return make


def of_the_template(question: str) -> Callable[[Any], Any]:
    """A maker of the template's own solution, whatever a variant asks."""
    make = spoiled(question)
    return lambda variant: make(None)


SIGN = 'float(token.replace("N", "-").replace("P", ""))'
ZEROS = ("    optimizers[0].zero_grad()\n", ""), ("    optimizers[1].zero_grad()\n", "")
RETURNED = "return loss_d.item(), loss_g.item()"

WRONG: dict[str, list[tuple[Any, str]]] = {
    "90.pairs": [
        (of_the_template("90.pairs"), "order of this release"),
        (spoiled("90.pairs", (SIGN, f"abs({SIGN})")), "sign"),
        (spoiled("90.pairs", (SIGN, f"-{SIGN}")), "wrong sign"),
        (spoiled("90.pairs", ("stem.rpartition", "stem.partition")), "could not convert"),
        (spoiled("90.pairs", ("if scene in targets", "if True")), "KeyError"),
        (spoiled("90.pairs", ('".jpg", ".jpeg", ".png"', '".jpg", ".jpeg"')), "entries"),
    ],
    "90.cut": [
        (of_the_template("90.cut"), "this release"),
        (spoiled("90.cut", ("if mirrored", "if mirrored and picture is real_input")), "report"),
        (spoiled("90.cut", ("square[:, ::-1]", "square[::-1]")), "upside down"),
        (spoiled("90.cut", (" / 127.5 - 1", " / 255")), "zero to one"),
        (spoiled("90.cut", (".permute(2, 0, 1)", "")), "another order"),
        (spoiled("90.cut", ("squares[0], squares[1]", "squares[::-1]")), "inputs first"),
        (spoiled("90.cut", ("return squares[0], squares[1]", "return squares[0]")), "as a list"),
    ],
    "90.unet": [
        (of_the_template("90.unet"), "those of the template"),
        (spoiled("90.unet", ("nn.LeakyReLU(", "(lambda _: nn.ReLU())(")), "plain ReLU"),
        (spoiled("90.unet", ("else [nn.Tanh()]", "else []")), "tanh"),
        (spoiled("90.unet", ("if 0 < i < len(channels) - 2 else", "if True else")), "may not"),
        (spoiled("90.unet", ("2, 1), *norm,", "2, 1, bias=not norm), *norm,")), "differ"),
        (lambda variant: lambda: None, "raised"),
    ],
    "90.patchgan": [
        (of_the_template("90.patchgan"), "those of the template"),
        (spoiled("90.patchgan", ("if i else []", "if True else []")), "hide the brightness"),
        (spoiled("90.patchgan", ("nn.LeakyReLU(0.2)", "nn.ReLU()")), "leaky one"),
        (spoiled("90.patchgan", ("dim=1))", "dim=1)).sigmoid()")), "take logits"),
    ],
    "90.losses": [
        (of_the_template("90.losses"), "this release"),
        (spoiled("90.losses", (") / 2", ")")), "take their mean"),
        (spoiled("90.losses", (".abs().mean()", ".square().mean()")), "that is L2"),
        (spoiled("90.losses", ("fake - target", "fake.detach() - target")), "L1 term"),
        (spoiled("90.losses", ("losses = loss_of_d, loss_of_g", "losses = loss_of_d")), "raised"),
    ],
    "90.step": [
        (of_the_template("90.step"), "Expected"),
        (spoiled("90.step", *ZEROS), "old gradients"),
        (spoiled("90.step", (RETURNED, "return loss_g.item(), loss_d.item()")), "changed places"),
        (spoiled("90.step", ("clip_grad_norm_", "clip_grad_value_")), "Expected"),
        (spoiled("90.step", (RETURNED, "pass")), "`return`"),
    ],
    "90.resume": [
        (of_the_template("90.resume"), "this release"),
        (spoiled("90.resume", ("    torch.set_rng_state(random)\n", "")), "random numbers"),
        (spoiled("90.resume", ("optimizer.load_state_dict(memory)", "pass")), "memory was lost"),
        (spoiled("90.resume", ("    return kept", "    return {}")), "keys are missing"),
    ],
    "90.evaluate": [
        (of_the_template("90.evaluate"), "template asks"),
        (spoiled("90.evaluate", (".astype(float)", "")), "wrapped round"),
        (spoiled("90.evaluate", ("np.log10", "np.log")), "natural"),
        (spoiled("90.evaluate", ("10 * np.log10", "20 * np.log10")), "factor of 10"),
    ],
    "90.verdict": [
        (
            spoiled(
                "90.verdict", ("(with_it, without_it)\n    if", "(without_it, with_it)\n    if")
            ),
            "wrong sign",
        ),
        (lambda variant: lambda a, b: "holds" if np.mean(a) > np.mean(b) else "fails", "Expected"),
        (lambda variant: lambda a, b: True, "as a text"),
    ],
}

ALSO_RIGHT: dict[str, list[Any]] = {name: [spoiled(name)] for name in NAMES} | {
    "90.pairs": [spoiled("90.pairs"), spoiled("90.pairs", ('"input": path', '"input": str(path)'))],
    "90.unet": [spoiled("90.unet"), spoiled("90.unet", ("nn.ReLU()", "nn.ReLU(inplace=True)"))],
    "90.step": [
        spoiled("90.step"),
        spoiled("90.step", (RETURNED, "return [loss_d.item(), loss_g.item()]")),
    ],
    "90.evaluate": [
        spoiled("90.evaluate"),
        spoiled("90.evaluate", (".astype(float)", ".astype(np.float32)")),
    ],
}
