"""Rows of the arms that learn nothing: scored once, they go with the runs of every seed."""

import time

import torch

from exposure_lab.config import DataConfig
from exposure_lab.fingerprints import digest
from exposure_lab.inference.resolve import resolve
from exposure_lab.provenance import commit
from exposure_lab.runtime import device_name
from exposure_lab.study.results import ANY_SEED
from exposure_lab.study.rows import Row
from exposure_lab.study.scoring import score, scored_pairs


def baseline_hash(name: str, config: DataConfig) -> str:
    """Hash what the scores of a baseline depend on, 16 digits: its name and the photos' size."""
    return digest(name, config.image_size, config.short_side)[:16]


def score_baseline(name: str, data: str, fingerprint: str, config: DataConfig) -> Row:
    """Score an image function that learns nothing on the pairs that the networks are scored on."""
    begun = time.perf_counter()
    return {
        "seed": ANY_SEED,
        "settings": baseline_hash(name, config),
        "data": fingerprint,
        "scores": score(resolve(name), scored_pairs(data, config)),
        "run": {},
        "curve": {},
        "seconds": round(time.perf_counter() - begun, 1),
        "device": device_name(torch.device("cpu")),
        "commit": commit(),
    }
