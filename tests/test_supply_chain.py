"""What comes from others: actions by hash, few rights, no known advisories, releases by tag."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from test_packaging import PYTHONS, ROOT, constraints, project, requirements

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CHAPTERS = sorted((ROOT / "book").glob("[0-9][0-9]_*.ipynb"))
CAPSTONE = ROOT / "book" / "instructors" / "capstone.ipynb"

# From Colab's own list of its packages, googlecolab/backend-info, 2026-08-19. The install cell must
# leave every one of them as it is.
COLAB = {
    "torch": "2.11.0",
    "numpy": "2.1.3",
    "ipywidgets": "7.7.1",
    "ipython": "7.34.0",
    "matplotlib": "3.10.0",
    "pillow": "11.3.0",
    "scikit-image": "0.25.2",
    "tqdm": "4.67.3",
    "gdown": "5.2.2",
    "requests": "2.32.4",
    "urllib3": "2.5.0",
    "filelock": "3.32.3",
    "pydantic": "2.13.4",
    "rich": "13.9.4",
    "safetensors": "0.8.0",
    "scipy": "1.16.3",
    "typer": "0.27.1",
}
COLAB_PYTHON = "3.13"

FLOORS = {
    "distributed": "2026.1",  # CVE-2026-23528: script in the dashboard
    "filelock": "4.2.1",  # CVE-2026-22701: symbolic links (3.20.3); CVE-2026-112911: soft locks
    "pillow": "13.0",  # decoders of JPEG and TIFF; see pyproject.toml
    "pillow-heif": "1.7",  # CVE-2026-84383 and others of libheif up to 1.23.3, which it holds
    "requests": "2.33",  # CVE-2026-25645: a guessable temporary file
    "urllib3": "2.8",  # CVE-2026-97687 to 97689: proxies, endless lines and loops
}
"""The first version without the advisories that we know of."""


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each job of each workflow, by name."""
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            yield f"{path.stem}/{name}", job


def test_actions_are_named_by_hash_and_each_by_one() -> None:
    """A tag can be moved to other code overnight, a commit can't. The comment says which it is."""
    pinned = re.compile(r"(?P<action>[\w-]+/[\w/-]+)@(?P<hash>[0-9a-f]{40}) # v\d+\.\d+\.\d+")
    lines = [
        line.partition("uses:")[2].strip()
        for path in WORKFLOWS
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line
    ]
    matches = {line: pinned.fullmatch(line) for line in lines}
    assert len(lines) > 8
    assert [line for line, match in matches.items() if match is None] == []
    actions = [match["action"] for match in matches.values() if match]
    assert len(actions) == len(set(actions)), "one action, two commits"


def test_a_job_has_the_rights_that_it_needs_and_no_other() -> None:
    for path in WORKFLOWS:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {}, path.name
        assert "pull_request_target" not in workflow[True], path.name  # YAML reads `on` as true
    writers = {
        "site/publish": ({"pages": "write", "id-token": "write"}, ["actions/deploy-pages"]),
        "student/push": ({"contents": "write"}, ["actions/download-artifact", ""]),
    }
    for name, job in jobs():
        rights, uses = writers.get(name, ({"contents": "read"}, None))
        assert job["permissions"] == rights, name
        steps = job["steps"]
        if uses is not None:
            assert [step.get("uses", "").partition("@")[0] for step in steps] == uses, name
            assert "exposure" not in "".join(step.get("run", "") for step in steps), name
        for step in steps:
            assert "${{" not in step.get("run", ""), f"{name} runs what somebody else may write"


def test_no_checkout_keeps_its_credentials() -> None:
    """Left in .git/config they could be read by every package that a later step runs."""
    checkouts = [
        step for _, job in jobs() for step in job["steps"] if "checkout" in step.get("uses", "")
    ]
    assert len(checkouts) == 6
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_windows_and_macos_run_the_fast_tests_and_name_what_they_skip() -> None:
    job = dict(jobs())["test/clients"]
    matrix = job["strategy"]["matrix"]
    assert matrix["system"] == ["windows-latest", "macos-latest"]
    assert matrix["python"] == [PYTHONS[0], PYTHONS[-1]]
    command = job["steps"][-1]["run"].split()
    assert command[:5] == ["python", "-m", "pytest", "-q", "-rs"] and '"not' in command
    left_out = {word.partition("=")[2] for word in command if word.startswith("--ignore=")}
    folders = ("browser", "course/grading", "fuzz", "gpu")
    assert left_out == {f"tests/{folder}" for folder in folders}
    assert all((ROOT / folder).is_dir() for folder in left_out)
    assert "make" not in " ".join(step.get("run", "") for step in job["steps"])


def colab_pins(python: str) -> dict[str, str]:
    """Name -> version of what `make colab` installs."""
    lines = (ROOT / ".ci" / f"colab-{python}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_make_colab_installs_what_colab_has() -> None:
    newest, older = colab_pins(COLAB_PYTHON), colab_pins("3.12")
    assert {name: newest[name] for name in COLAB} == COLAB
    assert newest["torchvision"] == "0.26.0" and newest["ipykernel"] == "6.17.1"
    assert "jedi" not in newest, "Colab has none, and IPython's wish for it must not be granted"
    assert set(older) == set(newest) and older["numpy"] == "2.0.2"
    for requirement in requirements():
        for pins in (newest, older):
            if (name := canonicalize_name(requirement.name)) in pins:
                assert Version(pins[name]) in requirement.specifier, requirement


def test_one_image_is_taken_unpinned_and_says_why() -> None:
    text = (ROOT / ".github" / "workflows" / "colab.yml").read_text(encoding="utf-8")
    assert re.findall(r"\S+:latest", text) == [
        "us-docker.pkg.dev/colab-images/public/runtime:latest"
    ]
    assert "unpinned, on purpose" in text
    others = [path.read_text(encoding="utf-8") for path in WORKFLOWS if path.stem != "colab"]
    assert not any("docker" in text or "container:" in text for text in others)


@pytest.mark.parametrize("name", FLOORS)
def test_versions_are_above_known_advisories(name: str) -> None:
    """The pinned ones always; a range only where Colab's version allows it."""
    floor = Version(FLOORS[name])
    assert all(constraints(python)[name] >= floor for python in PYTHONS)
    extras = project()["optional-dependencies"].values()
    lines = [*project()["dependencies"], *(line for extra in extras for line in extra)]
    ranges = [line for line in map(Requirement, lines) if line.name == name]
    assert ranges
    for requirement in ranges:
        (lowest,) = [
            Version(bound.version) for bound in requirement.specifier if bound.operator == ">="
        ]
        if lowest < floor:
            assert lowest <= Version(COLAB[name]) < floor, f"{requirement} can be raised"


@pytest.mark.parametrize("name", COLAB)
def test_colab_keeps_its_packages(name: str) -> None:
    (requirement,) = [r for r in requirements() if canonicalize_name(r.name) == name]
    assert Version(COLAB[name]) in requirement.specifier


def test_colab_and_all_tested_pythons_are_allowed() -> None:
    allowed = Requirement(f"python{project()['requires-python']}").specifier
    assert all(Version(python) in allowed for python in [*PYTHONS, COLAB_PYTHON])
    assert Version("3.10") not in allowed


def test_the_audit_does_not_pass_in_silence() -> None:
    script = (ROOT / ".ci" / "audit").read_text(encoding="utf-8")
    assert "pip-audit==" in script
    assert "--strict" in script  # else it passes where it reaches no advisories
    workflow = yaml.safe_load((ROOT / ".github/workflows/audit.yml").read_text(encoding="utf-8"))
    assert "constraints.txt" in workflow[True]["pull_request"]["paths"]
    assert workflow[True]["schedule"]
    assert workflow["jobs"]["audit"]["steps"][-1]["run"].startswith("make audit")


def install_cell(path: Path) -> str:
    """The source of a chapter's install cell."""
    (cell,) = [c for c in nbformat.read(path, as_version=4).cells if c.get("id") == "install"]
    return str(cell.source)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_install_cell_takes_the_release(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with another owner and without the library, it asks pip for the tag of this version."""
    ran: list[list[str]] = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda command, check: ran.append(command))
    address = project()["urls"]["Repository"]
    exec(install_cell(path).replace(address, "https://github.com/kim/lab"), {})
    (command,) = ran
    release = f"v{project()['version']}"
    assert command[-1] == f"exposure-lab @ git+https://github.com/kim/lab@{release}"


@pytest.mark.parametrize("path", [*CHAPTERS, CAPSTONE], ids=lambda path: path.stem)
def test_the_install_cell_holds_what_a_kernel_may_have_imported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer numpy under a kernel that runs breaks it: pip took one for imagecodecs' sake."""
    ran: list[list[str]] = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name != "exposure_lab" or None)
    monkeypatch.setattr(subprocess, "run", lambda command, check: ran.append(command))
    address = project()["urls"]["Repository"]
    exec(install_cell(path).replace(address, "https://github.com/kim/lab"), {})
    (command,) = ran
    held = [f"{name}=={version(name)}" for name in ("numpy", "torch", "torchvision")]
    assert command[-3:] == held


def copy_of_the_release(folder: Path) -> Path:
    """The files that know the version, and the script that writes it."""
    for path in (
        *CHAPTERS,
        *(ROOT / n for n in ("pyproject.toml", "CITATION.cff", "book/index.md", ".ci/version.py")),
    ):
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, target)
    return folder / ".ci" / "version.py"


def test_make_version_writes_it_everywhere(tmp_path: Path) -> None:
    script = copy_of_the_release(tmp_path)
    old, new = str(project()["version"]), "7.8.9"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    for wrong in ("7.8", "v7.8.9", ""):
        assert subprocess.run([sys.executable, script, wrong], capture_output=True).returncode == 2
    assert all(path.read_bytes() == content for path, content in before.items())
    done = subprocess.run([sys.executable, script, new], capture_output=True, encoding="utf-8")
    assert done.returncode == 0 and f"{old} -> {new} in {len(CHAPTERS) + 3} files" in done.stdout
    for path, content in before.items():
        added = path.read_bytes().count(new.encode()) - content.count(new.encode())
        assert added == (0 if path == script else 1), path
        assert path.read_bytes().count(b"\r") == content.count(b"\r")


def test_make_version_writes_nothing_where_one_place_is_missing(tmp_path: Path) -> None:
    script = copy_of_the_release(tmp_path)
    (tmp_path / "CITATION.cff").write_text("version: other\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    done = subprocess.run([sys.executable, script, "7.8.9"], capture_output=True, encoding="utf-8")
    assert done.returncode == 1 and "once in" in done.stderr and "CITATION.cff" in done.stderr
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize("target", ["clean", "test"])
def test_make_deletes_by_name_in_build(target: str) -> None:
    """What somebody else keeps in build/ stays."""
    if shutil.which("make") is None:
        pytest.skip("no make here")
    command = ["make", "--dry-run", "--assume-old=.venv/.installed-dev", target]
    lines = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8"
    ).stdout
    deleted = [word for line in lines.splitlines() if "rm -rf" in line for word in line.split()]
    assert "build/chapters" in deleted
    assert not {"build", "build/", "build/*"} & set(deleted)
