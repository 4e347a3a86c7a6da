"""Beginning of an experiment's results: the rules, the design and the conditions of now."""

from collections.abc import Sequence

import torch

from exposure_lab.provenance import provenance
from exposure_lab.runtime import device_name
from exposure_lab.study.claims import all_claims
from exposure_lab.study.results import Results


def new_results(
    name: str,
    design: str,
    profile: str,
    overrides: Sequence[str] = (),
    data_name: str = "none",
    fingerprint: str | None = None,
) -> Results:
    """Begin the results of an experiment, without a row, by the rules that stand now.

    Args:
        name: of the experiment.
        design: hash of its arms, or of the code that measures.
        profile: name of the profile.
        overrides: settings of all arms that depart from it.
        data_name: name of the data set in a sentence.
        fingerprint: of the data; None where none are needed.
    """
    rules = {
        claim.id: claim.rule_hash for claim in all_claims().values() if claim.experiment == name
    }
    device = device_name(torch.device("cpu"))
    return Results(
        name,
        profile,
        design,
        rules,
        data_name,
        device=device,
        provenance=provenance(device, None, fingerprint),
        overrides=list(overrides),
    )
