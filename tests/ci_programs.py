"""The programs of ``.ci``, loaded as modules for tests."""

import runpy
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

FOLDER = Path(__file__).resolve().parent.parent / ".ci"


def run_program(name: str) -> dict[str, Any]:
    """Names of a program, which finds what lies beside it, as where it is started by Python."""
    with patch.object(sys, "path", [str(FOLDER), *sys.path]):
        return runpy.run_path(str(FOLDER / name))
