"""Print the map of the project: every file of Python with the first line of its docstring."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("exposure_lab", "data_scripts", "benchmarks", "tests", ".ci")


def first_line(file: Path) -> str:
    """First line of a module's docstring; empty where it has none."""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def main() -> None:
    for folder in FOLDERS:
        package = None
        for file in sorted((ROOT / folder).rglob("*.py"), key=lambda file: (file.parent, file)):
            if file.parent != package:
                package = file.parent
                print(f"\n{package.relative_to(ROOT).as_posix()}/")
            print(f"  {file.name:<28} {first_line(file)}")


if __name__ == "__main__":
    main()
