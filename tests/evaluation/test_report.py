"""The typed report becomes the dictionary that scripts read from `evaluate --json`."""

import json
from dataclasses import replace

from exposure_lab.evaluation.report import Ceiling, Likeness, ModelScores, Score, ScoreReport

SCORE = Score(
    n=2,
    psnr=20.0,
    psnr_ci=(19.0, 21.5),
    scenes=2,
    ssim=0.9,
    l1=0.05,
    delta_e=7.0,
    luminance_error=0.3,
    sharpness=None,
    checkerboard=1.1,
)
SCORE_JSON = """{"n": 2, "psnr": 20.0, "ssim": 0.9, "l1": 0.05, "delta_e": 7.0, \
"luminance_error": 0.3, "sharpness": null, "checkerboard": 1.1, "psnr_ci": [19.0, 21.5], \
"psnr_ci_is": "range of 2 scenes", "scenes": 2}"""
LIKENESS = Likeness(n=1, psnr=25.0, psnr_ci=(25.0, 25.0), scenes=1, ssim=None)
LIKENESS_JSON = """{"n": 1, "psnr": 25.0, "ssim": null, "psnr_ci": [25.0, 25.0], \
"psnr_ci_is": "1 scene", "scenes": 1}"""


def test_json_has_the_fixed_shape() -> None:
    """Written out by hand, names in their order: a file that is read for years must not change."""
    model = ModelScores(
        name="unet",
        by_ev={-1.5: SCORE, 0.0: SCORE},
        mean=SCORE,
        mean_wrong=SCORE,
        mean_dark=SCORE,
        mean_bright=None,
        experts={"c": SCORE},
        seconds_per_mp=0.5,
    )
    report = ScoreReport(
        protocol="lab",
        protocol_summary="native size",
        data="abc",
        models=(model,),
        ceiling=Ceiling(LIKENESS, {"c": LIKENESS, "e": LIKENESS}),
        provenance={"commit": "123"},
    )
    in_row = SCORE_JSON.removeprefix("{")
    assert json.dumps(report.to_json()) == (
        '{"protocol": "lab", "protocol_summary": "native size", "data": "abc", "models": [{'
        f'"model": "unet", "rows": [{{"ev": -1.5, {in_row}, {{"ev": 0.0, {in_row}], '
        f'"mean": {SCORE_JSON}, "mean_wrong": {SCORE_JSON}, "mean_dark": {SCORE_JSON}, '
        f'"mean_bright": null, "experts": {{"c": {SCORE_JSON}}}, "seconds_per_mp": 0.5}}], '
        f'"ceiling": {LIKENESS_JSON[:-1]}, '
        f'"experts": {{"c": {LIKENESS_JSON}, "e": {LIKENESS_JSON}}}}}, '
        '"provenance": {"commit": "123"}}'
    )


def test_json_without_experts() -> None:
    model = ModelScores("same", {0.0: SCORE}, SCORE, None, None, None, {}, 0.0)
    content = ScoreReport("lab", "native size", None, (model,), None, {}).to_json()
    assert content["ceiling"] is None and content["data"] is None
    assert content["models"][0]["experts"] == {}
    assert content["models"][0]["mean_wrong"] is None


def test_json_of_grouped_exposures_says_so() -> None:
    model = ModelScores("same", {0.0: SCORE}, SCORE, None, None, None, {}, 0.0)
    report = ScoreReport("lab", "native size", None, (model,), None, {}, ev_step=0.5)
    assert report.to_json()["ev_step"] == 0.5


def test_a_score_knows_what_its_ends_are() -> None:
    assert SCORE.interval.name() == "range of 2 scenes"
    enough = replace(SCORE, n=40, scenes=8)
    assert enough.interval == (20, 19, 21.5, 40, 8)
    assert enough.to_json()["psnr_ci_is"] == "95 % interval"
