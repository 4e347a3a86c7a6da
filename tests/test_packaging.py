"""pyproject.toml, constraints.txt, environment.yml, README and CITATION.cff tell one story."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from typer.testing import CliRunner

import exposure_lab
from exposure_lab.cli.main import app
from exposure_lab.images.array import Array
from exposure_lab.images.io import read_image, write_image

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ["3.11", "3.12", "3.13"]


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(*extras: str) -> list[Requirement]:
    """The package's own requirements and those of some extras."""
    lines = list(project()["dependencies"])
    for extra in extras:
        lines += project()["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@cache
def constraints(python: str, patch: int = 9) -> dict[str, Version]:
    """Name -> the version that constraints.txt holds for one Python."""
    of_python = {"python_version": python, "python_full_version": f"{python}.{patch}"}
    result: dict[str, Version] = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        pin = Requirement(line)
        if pin.marker is None or pin.marker.evaluate(of_python):
            (specifier,) = pin.specifier
            assert specifier.operator == "==", line
            name = canonicalize_name(pin.name)
            assert name not in result, f"{name} is pinned twice for Python {python}"
            result[name] = Version(specifier.version)
    return result


@cache
def known_files() -> list[Path]:
    """Every file that git tracks, or would with `git add`."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so there is no list of its files")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


@cache
def known_texts() -> dict[str, str]:
    """Path from the root -> text, of every file that is text."""
    texts = {}
    for path in known_files():
        try:
            texts[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return texts


@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_is_pinned_inside_its_range(python: str) -> None:
    wrong = {
        str(requirement): str(constraints(python).get(canonicalize_name(requirement.name)))
        for requirement in requirements("book", "dev")
        if (version := constraints(python).get(canonicalize_name(requirement.name))) is None
        or version not in requirement.specifier
    }
    assert not wrong, "run `make constraints`"


def test_constraints_hold_versions_and_no_addresses() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "@" not in text
    assert "--" not in text


def test_debian_12_can_install_them() -> None:
    """Its Python is 3.11.2, and soupsieve 3.0 and later want 3.11.5."""
    assert constraints("3.11", patch=2)["soupsieve"] < Version("3")
    assert constraints("3.11", patch=2).keys() == constraints("3.11").keys()


def test_torchvision_belongs_to_torch() -> None:
    """torchvision 0.N+15 is built against torch 2.N: its minor version is 15 higher."""
    torch, torchvision = constraints("3.11")["torch"], constraints("3.11")["torchvision"]
    assert torchvision.minor == torch.minor + 15


def test_environment_yml_leads_to_the_same_install() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == project()["name"]
    python, pip, nested = environment["dependencies"]
    assert python.startswith(f"python{project()['requires-python']}")
    assert pip == "pip"
    assert nested["pip"] == ["--constraint constraints.txt", "--editable .[book,dev]"]
    assert {"book", "dev"} <= set(project()["optional-dependencies"])


def test_one_version_everywhere() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project()["version"]
    assert citation["license"] == project()["license"]


def test_one_public_address_everywhere() -> None:
    """Wherever a GitHub address names this project, it has the owner that pyproject.toml has."""
    address = project()["urls"]["Repository"]
    repo = address.removeprefix("https://github.com/")
    name = re.escape(repo.split("/")[1])
    pattern = re.compile(rf"github(?:\.com|usercontent\.com)?/([\w.-]+/{name})(?![\w-])")
    addresses = {
        (path, match.removesuffix(".git"))
        for path, text in known_texts().items()
        for match in pattern.findall(text)
    }
    assert {match for _, match in addresses} == {repo}, addresses
    assert {"README.md", "CITATION.cff", "pyproject.toml"} <= {path for path, _ in addresses}


def test_readme_names_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    named = {
        name
        for page in pages
        for code in re.findall(r"```.*?```|`[^`\n]+`", page.read_text(encoding="utf-8"), re.DOTALL)
        for name in re.findall(r"(?:^|[`\n])make ([a-z]+)", code)
    }
    assert {"book", "test", "check"} <= named
    assert named <= targets


def test_readme_names_program_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code = "".join(re.findall(r"```.*?```|`[^`]+`", readme, re.DOTALL))
    named = re.findall(r"exposure-lab((?: [a-z][a-z0-9-]*)+)", code)
    assert len(named) > 5
    for words in map(str.split, named):
        command = words[: 2 if words[0] in {"data", "chapters", "book"} else 1]
        assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0, words


QUOTED = {
    "smoke": ["{gain_db:.1f} dB", "{worst_gain_db:.1f} dB", "{l1_ratio:.2f}"],
    "build": [
        "{make_book_fresh_s:.0f} s",
        "{make_book_again_s:.1f} s",
        "{help_s:.2f} s",
    ],
    "correct": [
        "{jpeg_24mp_s:.1f} s",
        "{peak_over_decoded:.1f}",
        "{curve_guided_psnr:.1f} dB",
        "{curve_bicubic_psnr:.1f} dB",
    ],
    "grid_speed": [
        "{cpu_s:.1f} s",
        "{start_s:.2f} s",
        "{command_12_mp_s:.1f} s",
        "{memory_by_pixels:.1f}",
    ],
    "near_brackets": [
        "{identity_psnr:.1f} dB",
        "{grid-s_psnr:.1f} dB",
        "{auto-exposure_psnr:.1f} dB",
        "{unet-16_psnr:.1f} dB",
    ],
    "train": [
        "{ours_bf16_over_peer:.1f}",
        "{ours_fp32_over_peer:.1f}",
        "{start_to_first_step_s:.1f} s",
    ],
    "grading": [
        "{seconds_a_submission:.2f} s",
        "{seconds_a_submission_with_torch:.1f} s",
        "{nbgrader_over_ours:.1f}",
        "{otter_over_ours:.1f}",
        "{memory_1000_over_10:.2f}",
    ],
}
"""Benchmark to its figures in README's table, in their order."""


@pytest.mark.parametrize("benchmark", QUOTED)
def test_readme_quotes_the_benchmarks(benchmark: str) -> None:
    report = json.loads((ROOT / f"benchmarks/results/{benchmark}.json").read_text("utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(rf"^\|.*\| (.*) \| `{benchmark}\.json` \|$", readme, re.MULTILINE)
    assert quoted == [figure.format(**report["figures"]) for figure in QUOTED[benchmark]]


def test_readme_says_of_each_chapter_what_the_chapter_says() -> None:
    rows = re.findall(
        r"^\| \[.*\]\(book/(.+)\) \| (.+) \| (.+) \|$", known_texts()["README.md"], re.MULTILINE
    )
    chapters = {
        path.name: json.loads(path.read_text(encoding="utf-8"))["metadata"]["exposure_lab"]
        for path in sorted((ROOT / "book").glob("*.ipynb"))
    }
    assert rows == [
        (name, chapter["question"], chapter["surprise"]) for name, chapter in chapters.items()
    ]


def test_readme_names_no_folder_that_is_not_there() -> None:
    """Those that a command makes begin with runs/ or build/."""
    readme = known_texts()["README.md"]
    named = set(re.findall(r"`((?:[\w.]+/)+)[\w.]*`|\(((?:[\w.]+/)+)[\w.]+\)", readme))
    folders = {in_code or in_link for in_code, in_link in named}
    assert "exposure_lab/results/" in folders and "book/" in folders
    missing = [name for name in folders if not (ROOT / name).is_dir()]
    assert [name for name in missing if not name.startswith(("runs/", "build/"))] == []


def test_pages_name_files_that_are_there() -> None:
    """But for placeholders, which are in capitals."""
    pages = "".join(known_texts()[name] for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))
    named = set(re.findall(r"`((?:exposure_lab|tests|benchmarks|book|\.ci)/[\w./-]+\.\w+)`", pages))
    named = {name for name in named if not re.search(r"[A-Z]{2}", name)}
    assert {"exposure_lab/errors.py", "exposure_lab/study/rules.py"} <= named
    assert named - {path.relative_to(ROOT).as_posix() for path in known_files()} == set()


@pytest.mark.slow
def test_readme_snippet_runs(tmp_path: Path, photo: Array) -> None:
    """As it stands there, in a folder with a photo of that name."""
    (snippet,) = re.findall(r"```python\n(.*?)```", known_texts()["README.md"], re.DOTALL)
    write_image(tmp_path / "photo.jpg", photo)
    subprocess.run([sys.executable, "-c", snippet], cwd=tmp_path, check=True)
    assert read_image(tmp_path / "better.jpg").shape == photo.shape


def test_public_names() -> None:
    """What others write their code against; a change here belongs into the changelog."""
    assert exposure_lab.__all__ == [
        "BASELINES",
        "BilateralGridNet",
        "Corrector",
        "PatchGAN",
        "RunConfig",
        "UNet",
        "apply_ev",
        "evaluate",
        "find_pairs",
        "load_profile",
        "psnr",
        "read_image",
        "resolve",
        "sample_dir",
        "sample_photo",
        "ssim",
        "train",
        "write_image",
    ]
    assert all(getattr(exposure_lab, name) is not None for name in exposure_lab.__all__)


def test_the_map_names_every_folder() -> None:
    """CONTRIBUTING.md has a row for each folder that a newcomer may open, and for no other."""
    rows = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## The map")[2]
    mapped = set(re.findall(r"^\| `([^`]+)/` \|", rows, re.MULTILINE))
    folders = {path.rpartition("/")[0] for path in known_texts()}
    tests = {folder for folder in folders if folder.startswith("tests/")}
    results = {folder for folder in folders if folder.startswith("exposure_lab/results")}
    others = {
        "benchmarks/results",
        "site_assets/fonts",
        "site_assets/vendor/mathjax",
    }
    assert mapped == folders - tests - results - others - {"", ".github"}


def test_every_file_says_in_a_line_what_it_is() -> None:
    """`make map` prints that line."""
    command = [sys.executable, ROOT / ".ci" / "map.py"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line for line in printed.splitlines() if line.startswith("  ")]
    assert len(lines) == sum(path.endswith(".py") for path in known_texts())
    assert [
        line for line in lines if not re.fullmatch(r"  \S+\.py +[A-Za-z0-9`].*[.:]", line)
    ] == []


def test_no_two_test_files_have_one_name() -> None:
    """pytest imports them by their bare names, and takes one for the other where both are there."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_no_registry_and_no_machine_is_named() -> None:
    """An install goes through whatever registry the reader's pip is set up for."""
    # The brackets keep this file from naming what it looks for.
    hosts = re.compile(r"py[p]i\.org|pythonhoste[d]\.org|npm[j]s\.(org|com)|anacond[a]\.org")
    here = "|".join(re.escape(str(folder)) for folder in (Path.home(), ROOT) if folder.name)
    folders = re.compile(rf"(?<![\w.~-])(?:{here})/\w")
    wrong = [
        path for path, text in known_texts().items() if hosts.search(text) or folders.search(text)
    ]
    assert wrong == []


def test_importing_the_package_imports_no_torch() -> None:
    code = "import exposure_lab, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    heavy = {"torch", "torchvision", "numpy", "matplotlib", "IPython"}
    assert not heavy & set(json.loads(done.stdout))


def test_help_lists_the_commands_without_torch() -> None:
    code = (
        "import sys\nsys.argv = ['exposure-lab', '--help']\n"
        "from exposure_lab.cli.main import main\n"
        "try:\n    main()\nfinally:\n    assert 'torch' not in sys.modules, 'torch was imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in ("data", "train", "evaluate", "correct", "chapters", "book", "doctor"):
        assert command in done.stdout
