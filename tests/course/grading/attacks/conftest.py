"""Makers of notebooks and the parser of HTML that other folders of tests have."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[3]
sys.path += [str(TESTS / "notebook"), str(TESTS / "course" / "grading" / "submissions")]
