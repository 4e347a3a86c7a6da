"""Made-up claims and results, whose effects are known, for tests of rules and verdicts."""

from typing import Any

import numpy as np

from exposure_lab.study.claims import Claim
from exposure_lab.study.results import Results
from exposure_lab.study.rows import Row


def make_claim(name: str = "bold-claim", **fields: Any) -> Claim:
    """A claim that the first arm scores better than the second by 0.3 dB or more, over 5 seeds."""
    settings: dict[str, Any] = {
        "id": name,
        "section": "4",
        "sentence": 1,
        "claim": "The first arm is better.",
        "reading": "stated",
        "chapter": "04",
        "kind": "trained",
        "experiment": "made-up",
        "figure": "psnr",
        "arms": ("a", "b"),
        "rule": "greater",
        "smallest_effect": 0.3,
        "seeds": 5,
    }
    if fields.get("rule", "greater") not in ("greater", "less"):
        settings["smallest_effect"] = None
    return Claim.model_validate(settings | fields)


def make_results(
    effect: float,
    spread: float = 0.05,
    seeds: int = 5,
    scenes: int = 20,
    rise: float = 0.0,
    claims: tuple[Claim, ...] = (),
) -> Results:
    """Results in which arm a scores higher than arm b by an effect that varies with the seed.

    Args:
        effect: mean difference, exact over the seeds.
        spread: half the range of the difference over the seeds.
        seeds, scenes: numbers of them.
        rise: held-out PSNR that every arm still gained over the last fifth, dB.
        claims: whose rules stood when these results were made.
    """
    rng = np.random.default_rng(0)
    shifts = np.linspace(-spread, spread, seeds)
    rows: list[Row] = []
    for seed, shift in enumerate(shifts, start=1):
        scene = 20 + rng.normal(0, 2, scenes)
        for arm, extra in (("a", effect + shift), ("b", 0.0)):
            values = [float(value) for value in scene + extra]
            rows.append(
                {
                    "arm": arm,
                    "seed": seed,
                    "settings": f"{arm}{seed}",
                    "data": "0123",
                    "scores": {"psnr": values},
                    "run": {"rise": rise, "update_norm": 0.1 + extra},
                    "seconds": 60.0,
                }
            )
    rules = {claim.id: claim.rule_hash for claim in claims}
    names = [f"scene {i}" for i in range(scenes)]
    return Results("made-up", "study", "design", rules, "made-up photos", names, rows, "cpu")
