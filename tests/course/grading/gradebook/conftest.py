"""The parser of HTML that the tests of the notebook's widgets have."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3] / "notebook"))
