"""Write constraints.txt: the newest versions pip finds for our ranges on Python 3.11 and 3.13.

    make constraints                                    finds python3.11 and python3.13 by itself
    python .ci/constraints.py PYTHON311 PYTHON313       or takes the two that are named

Where the two differ (numpy and what follows it left 3.11 behind) a line carries an environment
marker. Needs nothing but the standard library; pip does the resolving, and installs nothing.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# The versions that CI ran, for every package that `make book` and `make test` install.
# Written by `make constraints`; the ranges are in pyproject.toml. A marker stands where
# a package has left Python 3.11, or an early patch release of it, behind.
# The CUDA packages are left out: torch itself names the exact builds it needs.
"""
# What wants a later patch release of Python 3.11 than Debian 12 has (3.11.2): that release, and the
# last version that does without it.
BEFORE_PATCH = {"soupsieve": ("3.11.5", "2.10")}
# Named exactly by torch, and on Linux only.
LEFT_TO_TORCH = ("nvidia-", "cuda-", "triton")


def requirements() -> list[str]:
    """All requirements of the package: its own, [book], [grade] and [dev]."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *extras["book"], *extras["grade"], *extras["dev"]]


def resolve(python: str) -> dict[str, str]:
    """Name -> version, as `python`'s pip would install them into an empty environment."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [python, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        subprocess.run([*command, "--report", report, *requirements()], check=True, cwd=folder)
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    versions = {}
    for item in installed:
        name = item["metadata"]["name"].lower().replace("_", "-").replace(".", "-")
        if not name.startswith(LEFT_TO_TORCH):
            # 2.14.1+cu130 and 2.14.1+cpu are one release built twice.
            versions[name] = item["metadata"]["version"].partition("+")[0]
    return versions


def lines(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """One line a package, more where Python 3.11 (`old`) and 3.12 or newer (`new`) differ."""
    result = []
    for name in sorted(old | new):
        markers: list[str] = []
        if name in BEFORE_PATCH:
            patch, earlier = BEFORE_PATCH[name]
            result.append(f"{name}=={earlier} ; python_full_version < '{patch}'")
            markers = [f"python_full_version >= '{patch}'"]
        if old.get(name) == new.get(name):
            result.append(_line(name, old[name], markers))
            continue
        if name in old:
            result.append(_line(name, old[name], [*markers, "python_version < '3.12'"]))
        if name in new:
            result.append(_line(name, new[name], ["python_version >= '3.12'"]))
    return result


def _line(name: str, version: str, markers: list[str]) -> str:
    return f"{name}=={version}" + (f" ; {' and '.join(markers)}" if markers else "")


def is_version(python: str, version: str) -> bool:
    """Whether the command `python` exists, runs, and is Python `version`."""
    show = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", show], capture_output=True, encoding="utf-8")
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == version


def main() -> int:
    pythons = sys.argv[1:3] if len(sys.argv) == 3 else ["python3.11", "python3.13"]
    for python, version in zip(pythons, ("3.11", "3.13"), strict=True):
        if not is_version(python, version):
            print(f"{python} is not Python {version}: name both, PYTHON311 PYTHON313.")
            return 2
    resolved = [resolve(python) for python in pythons]
    target = ROOT / "constraints.txt"
    target.write_text(HEADER + "\n".join(lines(*resolved)) + "\n", encoding="utf-8")
    print(f"Wrote {target.name}: {len(resolved[0])} packages on 3.11, {len(resolved[1])} on 3.13.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
