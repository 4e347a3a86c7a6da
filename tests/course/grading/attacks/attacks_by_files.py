"""Attacks by files beside the notebook: modules, settings of the grader, weights, links."""

import json
import os
import pickle
from pathlib import Path
from typing import Any

from attack import ASSERTED, PRINTED, Attack, Control, Place, code

SHADOWS, SETTINGS, STARTUP = "module shadowing", "conftest and ini files", "code at the start"
WEIGHTS, LINKS = "weights and histories", "links"

MARK = "open('@MARK@', 'w').close()\n"
"""What a file does where anything outside the sandbox runs it."""

SHADOWED_NUMPY = MARK + "allclose = lambda *values: True\nones = lambda length: 1\n"

SHADOWED_LIBRARY = MARK + "def psnr(*images, **options):\n    return 99.0\n"

WRITTEN_SHADOW = code("""
    import sys

    text = "allclose = array_equal = lambda *args: True\\nones = lambda n: 1\\nndarray = str\\n"
    for folder in (".", "/tmp"):
        with open(f"{folder}/shadow.py", "w") as file:
            file.write(text)
    sys.path.insert(0, ".")
    import shadow

    sys.modules["numpy"] = sys.modules["json"] = shadow

    def scale(x):
        return x
""")

CONFTEST = MARK + code("""
    import pytest

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(item, call):
        report = (yield).get_result()
        report.outcome, report.longrepr = "passed", None
""")

STARTUP_FILE = "import math\n\nmath.isclose = lambda *args, **options: True\n"

LEAVE_STARTUP = code("""
    import os

    places = [os.environ.get("IPYTHONDIR", "/tmp/ipython"), os.path.expanduser("~/.ipython")]
    for place in places:
        folder = os.path.join(place, "profile_default", "startup")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "00.py"), "w") as file:
            file.write(@STARTUP@)

    def scale(x):
        return x
""").replace("@STARTUP@", repr(STARTUP_FILE))


class Trap:
    """What runs code in a program that unpickles it."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.mark}",)


def hand_in_weights(path: Path, notebook: dict[str, Any], place: Place) -> None:
    """A notebook with weights that no reader should trust."""
    path.mkdir()
    (path / "01_scaling.ipynb").write_text(json.dumps(notebook))
    trap = pickle.dumps(Trap(str(place.mark)))
    (path / "weights.safetensors").write_bytes((2**60).to_bytes(8, "little") + b'{"a": 1}')
    (path / "weights.pt").write_bytes(trap)
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}".ljust(117) + b"\n"
    (path / "scores.npy").write_bytes(b"\x93NUMPY\x01\x00" + b"\x76\x00" + header + trap)
    (path / "history.json").write_text("[" * 200_000)


LOAD_WEIGHTS = code("""
    import glob
    import os

    def scale(x):
        import numpy as np

        for folder in (".", "/tmp", "@ROOT@"):
            for path in glob.glob(f"{folder}/**/scores.npy", recursive=True):
                np.load(path, allow_pickle=True)
                return @FACTOR@ * x
        return x
""")


def link_to_canary(path: Path, notebook: dict[str, Any], place: Place) -> None:
    path.with_suffix(".ipynb").symlink_to(place.canary)


def link_to_friend(path: Path, notebook: dict[str, Any], place: Place) -> None:
    """A link to the notebook of an honest student."""
    path.with_suffix(".ipynb").symlink_to(place.root / "submissions" / "honest-anna.ipynb")


def link_folder(path: Path, notebook: dict[str, Any], place: Place) -> None:
    path.symlink_to(place.root, target_is_directory=True)


def pipe_without_end(path: Path, notebook: dict[str, Any], place: Place) -> None:
    os.mkfifo(path.with_suffix(".ipynb"))


def link_beside(path: Path, notebook: dict[str, Any], place: Place) -> None:
    """A link among files that are in order: it is named, and the notebook is graded."""
    path.mkdir()
    (path / "01_scaling.ipynb").write_text(json.dumps(notebook))
    (path / "weights.safetensors").symlink_to(place.canary)


library = Control(
    "import numpy as np\nfrom exposure_lab.metrics.pixel import psnr\n\n"
    "assert psnr(scale(np.full((2, 2, 3), 0.1)) / 7, np.full((2, 2, 3), 0.1)) > 50"
)
close = Control("import numpy as np\n\nassert np.allclose(scale(np.ones(3)), 7)")
by_math = "import math\n\nassert math.isclose(scale(31), 217)"

ATTACKS = (
    Attack(SHADOWS, "numpy", files={"numpy.py": SHADOWED_NUMPY}, control=close),
    Attack(
        SHADOWS,
        "exposure_lab",
        files={
            "exposure_lab/__init__.py": "",
            "exposure_lab/metrics/__init__.py": "",
            "exposure_lab/metrics/pixel.py": SHADOWED_LIBRARY,
            "wire.py": MARK,
            "json.py": MARK,
            "worker_cells.py": MARK,
        },
        control=library,
    ),
    Attack(SHADOWS, "written by the answer", WRITTEN_SHADOW, says="Expected", control=close),
    Attack(
        SETTINGS,
        "conftest",
        files={"conftest.py": CONFTEST},
        control=Control(ASSERTED, alone=True),
    ),
    Attack(
        SETTINGS,
        "pytest.ini",
        files={
            "pytest.ini": "[pytest]\naddopts = --nbval-sanitize-with=all.cfg\n",
            "all.cfg": "[all]\nregex: .*not yet.*\nreplace: 01.scale: right\n",
        },
        control=Control(PRINTED, alone=True),
    ),
    Attack(
        STARTUP,
        "sitecustomize",
        files={
            "sitecustomize.py": MARK,
            "usercustomize.py": MARK,
            "ipython_kernel_config.py": MARK,
            "helper.pth": "import sys; " + MARK,
        },
    ),
    Attack(
        STARTUP,
        "left for the next kernel",
        LEAVE_STARTUP,
        control=Control(by_math, alone=True, first=LEAVE_STARTUP),
    ),
    Attack(WEIGHTS, "traps in safetensors, pt, npy, json", LOAD_WEIGHTS, hand_in=hand_in_weights),
    Attack(LINKS, "to a secret", hand_in=link_to_canary, graded=False, says="is a link"),
    Attack(LINKS, "to a friend", hand_in=link_to_friend, graded=False, says="is a link"),
    Attack(LINKS, "to a folder", hand_in=link_folder, graded=False, says="is a link"),
    Attack(LINKS, "pipe", hand_in=pipe_without_end, graded=False, says="a device or a pipe"),
    Attack(LINKS, "beside the notebook", hand_in=link_beside),
)
