"""Capstone: a run that is stopped, saved, loaded and goes on as if nothing had happened.

Four steps in all: two, then a new start of everything, then two more.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from exposure_lab.course.graded.ch90_variant import FAMILY, LIBRARY, draws, edits
from exposure_lab.course.graded.question import STEPS, Case, GradedQuestion, Variant

if TYPE_CHECKING:
    from torch import Tensor

LOADED, GOES_ON = "both networks right after loading", "both networks two steps later"
KEPT, ENTRIES = "what is kept beside them", "the entries of the file"

CAUSES = {
    "entries": "they have the template's names: look up those of this release",
    "weights alone": "the averages of BatchNorm were lost: save the whole state of a network",
    "one network": "D was lost",
    "no optimizers": "the optimizers' memory was lost",
    "no random": "the random numbers start anew: save their state as well",
    "kept": "it was lost: return what was given to save",
}


def _entries(variant: Variant) -> str:
    names = variant["entries"]
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return (
        f"The file is a dictionary with the keys {shown} and `{names[3]}`: the states of the two "
        "networks, those of the two optimizers, the state of torch's random numbers, and `kept`."
    )


def _save(
    variant: Variant, mistake: str, path: Any, networks: Any, optimizers: Any, kept: Any
) -> None:
    """Save a run, or make a usual mistake."""
    import torch

    states = [network.state_dict() for network in networks]
    if mistake == "weights alone":
        pairs = zip(states, networks, strict=True)
        states = [{k: s[k] for k, _ in one.named_parameters()} for s, one in pairs]
    names = ["networks", "optimizers", "random", "kept"]
    names = names if mistake == "entries" else variant["entries"]
    values = [states, [one.state_dict() for one in optimizers], torch.get_rng_state(), kept]
    torch.save(dict(zip(names, values, strict=True)), path)


def _load(variant: Variant, mistake: str, path: Any, networks: Any, optimizers: Any) -> Any:
    """Load a run, or make a usual mistake."""
    import torch

    states, memories, random, kept = torch.load(path, weights_only=True).values()
    known = 1 if mistake == "one network" else 2
    for network, state in zip(networks[:known], states[:known], strict=True):
        network.load_state_dict(state, strict=mistake != "weights alone")
    for optimizer, memory in zip(optimizers, memories, strict=True):
        if mistake != "no optimizers":
            optimizer.load_state_dict(memory)
    if mistake != "no random":
        torch.set_rng_state(random)
    return {} if mistake == "kept" else kept


def stop_and_go_on(
    resume: "Any", want: str, weights: "list[Tensor]", batches: "list[Tensor]", kept: "Any"
) -> "Any":
    """Take two steps, save, load into new networks, and take two more.

    ``want`` is loaded, later (both networks as one tensor each), kept, or entries.
    """
    import tempfile
    from pathlib import Path

    import torch
    from torch import nn

    save_run, load_run = resume

    def build(seed: int) -> "tuple[Any, Any]":
        torch.manual_seed(seed)
        g = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Dropout(0.5))
        g.append(nn.Conv2d(4, 3, 1))
        networks = g, nn.Sequential(nn.Conv2d(6, 3, 3), nn.BatchNorm2d(3), nn.Conv2d(3, 1, 1))
        return networks, tuple(torch.optim.Adam(one.parameters(), 0.03) for one in networks)

    def step(networks: "Any", optimizers: "Any", batch: "Tensor") -> None:
        fake = networks[0](batch)
        logits = networks[1](torch.cat([batch, fake], dim=1))
        for optimizer in optimizers:
            optimizer.zero_grad()
        ((fake - batch).square().mean() + (logits - 1).square().mean()).backward()
        for optimizer in optimizers:
            optimizer.step()

    networks, optimizers = build(1)
    parameters = [one for network in networks for one in network.parameters()]
    for parameter, values in zip(parameters, weights, strict=True):
        parameter.data.copy_(values)
    for batch in batches[:2]:
        step(networks, optimizers, batch)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        save_run(path, networks, optimizers, kept)
        if want == "entries":
            return sorted(torch.load(path, weights_only=True))
        networks, optimizers = build(2)
        found = load_run(path, networks, optimizers)
    if want == "kept":
        return found
    for batch in batches[2:] if want == "later" else []:
        step(networks, optimizers, batch)
    states = [[v.flatten().float() for v in one.state_dict().values()] for one in networks]
    return [torch.cat(state) for state in states]


def _cases(_variant: Variant, rng: np.random.Generator) -> Sequence[Case]:
    import torch

    def call(part: str, want: str) -> Case:
        of_g = (4, 3, 3, 3), (4,), (4,), (4,), (3, 4, 1, 1), (3,)
        of_d = (3, 6, 3, 3), (3,), (3,), (3,), (1, 3, 1, 1), (1,)
        weights = [torch.tensor(0.5 * rng.standard_normal(x)).float() for x in (*of_g, *of_d)]
        batches = [torch.tensor(rng.uniform(-1, 1, (2, 3, 6, 6))).float() for _ in range(4)]
        rows = [round(float(one), 3) for one in rng.uniform(0, 30, 3)]
        kept = {"step": int(rng.integers(1000)), "rows": rows, "best": float(rows[0])}
        return Case(part, (want, weights, batches, kept))

    wanted = {LOADED: "loaded", GOES_ON: "later", KEPT: "kept", ENTRIES: "entries"}
    return [call(part, want) for part, want in wanted.items() for _ in range(2)]


def _pair(variant: Variant, mistake: str = "") -> tuple[Callable[..., Any], Callable[..., Any]]:
    return partial(_save, variant, mistake), partial(_load, variant, mistake)


def _mistakes(variant: Variant) -> dict[str, Any]:
    return {cause: _pair(variant, name) for name, cause in CAUSES.items()}


RESUME = GradedQuestion(
    id="90.resume",
    name="resume",
    objective="save and load a run, so that a stop loses nothing",
    what="a run that goes on as if nothing had happened",
    parts={LOADED: 1, GOES_ON: 2, KEPT: 1, ENTRIES: 1},
    reference=_pair,
    cases=_cases,
    draw=draws("entries"),
    edits=edits(_entries),
    mistakes=_mistakes,
    harness=stop_and_go_on,
    tier="B",
    tolerance=STEPS,
    leaves_out=LIBRARY,
    draws_with=FAMILY,
)
