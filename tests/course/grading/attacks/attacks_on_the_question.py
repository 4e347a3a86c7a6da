"""Attacks that look for what is right: in the check, on the stack, on the disk, in the package."""

from attack import ASSERTED, PRINTED, Attack, Control, code

FAMILY, TAKEN = "reading the check or the stack", "taking the answer from elsewhere"

READ_THE_REQUEST = code("""
    import re

    def scale(x):
        running = get_ipython().kernel.get_parent("shell")["content"]["code"]
        return int(re.search(r"== (\\d+)", running)[1])
""")

CHANGE_THE_CALLER = code("""
    import sys

    def scale(x):
        frame = sys._getframe(1)
        while frame:
            for name in ("expected", "reference", "right"):
                frame.f_globals[name] = x
            frame = frame.f_back
        return x
""")

READ_THE_NOTEBOOK = code("""
    import json
    import re
    from pathlib import Path

    def scale(x):
        for path in Path().glob("*.ipynb"):
            for cell in json.loads(path.read_text())["cells"]:
                if number := re.search(r"== (\\d+)", "".join(cell["source"])):
                    return int(number[1])
        return x
""")

SEARCH_THE_MEMORY = code("""
    import gc

    def scale(x):
        for found in gc.get_objects():
            if isinstance(found, dict):
                for name in ("expected", "reference", "right"):
                    if isinstance(found.get(name), (int, list)):
                        return found[name]
        return x
""")

TAKE_THE_LEFT_OUT = code("""
    def scale(x):
        from exposure_lab.images.srgb import srgb_to_linear

        return srgb_to_linear(x)
""")

TAKE_THE_REFERENCE = code("""
    def scale(x):
        import importlib

        for name in ("exposure_lab.course.graded.registry", "ch01", "exposure_lab.course.checks"):
            try:
                module = importlib.import_module(name)
                question = module.graded_questions("01")["01.scale"]
                return question.reference({"factor": @FACTOR@})(x)
            except Exception:
                continue
        return x
""")

TAKE_FROM_THE_DISK = code("""
    import json
    import os

    def scale(x):
        names = {"manifest.json", "01.json", "references.json", "evidence.json", "ch01.py"}
        places = ["/", "@ROOT@", "/tmp", "/proc/1/root", "/proc/self/cwd"]
        for place in places:
            for folder, folders, files in os.walk(place):
                folders[:] = [one for one in folders if one not in ("proc", "sys", "usr", "lib")]
                if "site-packages" in folder:
                    folders.clear()
                for name in names & set(files):
                    content = open(os.path.join(folder, name)).read()
                    print(folder, name, content[:500])
                    return x * @FACTOR@
        return x
""")

PRINT_THE_INPUTS = code("""
    def scale(x):
        print("my inputs", x)
        raise ValueError(f"my inputs {x!r}")
""")

asserted, printed = Control(ASSERTED), Control(PRINTED)
kept = Control("task = {'expected': 217, 'cases': []}\n\nassert scale(31) == task['expected']")

ATTACKS = (
    Attack(FAMILY, "request of the kernel", READ_THE_REQUEST, says="NameError", control=asserted),
    Attack(FAMILY, "names of the callers changed", CHANGE_THE_CALLER, control=printed),
    Attack(FAMILY, "notebook on the disk", READ_THE_NOTEBOOK, control=asserted),
    Attack(FAMILY, "objects in memory", SEARCH_THE_MEMORY, says="Expected", control=kept),
    Attack(FAMILY, "inputs printed and raised", PRINT_THE_INPUTS, says="raised ValueError"),
    Attack(TAKEN, "module that is left out", TAKE_THE_LEFT_OUT, says="raised"),
    Attack(TAKEN, "reference of the package", TAKE_THE_REFERENCE),
    Attack(TAKEN, "references on the disk", TAKE_FROM_THE_DISK),
)
