"""The parser of HTML and the browser that tests of other pages have."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[3]
sys.path += [str(TESTS / "notebook"), str(TESTS / "browser")]
