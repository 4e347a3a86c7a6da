"""Attacks on our own pipeline: records of results, written past the worker that should write them.

No check of an ordinary kernel has such records, so that there is no control: none of them forges
anything, since what is right is not inside. They try to stop the judge or the whole batch.
"""

from attack import Attack, code
from attacks_on_the_machine import FIND_PIPE

FAMILY = "forged evidence"

SAY = (
    FIND_PIPE
    + "\n\n"
    + code("""
    def say(line):
        data = b"\\n" + line.encode() + b"\\n"
        while data:
            data = data[os.write(PIPE, data):]

    def value(text, case=0):
        say('{"question": "01.scale", "case": %d, "value": %s}' % (case, text))
""")
)


def saying(lines: str) -> str:
    """Answer that writes records when it is called."""
    return f"{SAY}\n\ndef scale(x):\n    {lines}\n    return x"


INFINITE = """value('1e999'); value('{"list": [1e999]}', 1)"""

ENDLESS = (
    """value('9' * 4000); """
    """value('{"array": {"dtype": "float64", "shape": [%s, 0], "data": ""}}' % 2**63, 1)"""
)

OF_THE_OTHER = (
    """say('{"end": "01.scale"}'); say('{"done": "01.scale"}'); say('{"begin": "01.square"}'); """
    """say('{"question": "01.square", "case": 0, "value": 0}'); say('{"done": "01.square"}')"""
)

NO_RECORDS = (
    """say('{"question": "01.scale", "part": "values above zero", "right": true, "earned": 9}'); """
    "value('[' * 400 + ']' * 400); "
    "[say(line) for line in ('[' * 10**5, '{\"end\": NaN', '\\\\udc80', '{}', '[]', 'null', "
    "'{\"case\": true}', "
    '\'{"question": "01.scale", "case": -1}\', \'{"end": []}\', \'{"ready": true}\')]'
)

LARGE = (
    """for case in range(2): value('{"list": ["' + 'x' * 99_000 + '"' + """
    """(', "' + 'y' * 99_000 + '"') * 38 + ']}', case)"""
)

PATCHED_WORKER = code("""
    import gc
    import json
    import types

    for module in gc.get_objects():
        if isinstance(module, types.ModuleType) and module.__name__.startswith("_worker"):
            if hasattr(module, "encode"):
                module.encode = lambda value, depth=0: {"tensor": {"right": True}}
            if hasattr(module, "_unchanged"):
                module._unchanged = lambda *args: True
    json.dumps = lambda *args, **options: '{"right": true, "share_failed": 0, "earned": 3}'

    def scale(x):
        return x
""")

IN_PLACE = code("""
    def scale(x):
        x *= @FACTOR@
        return x
""")

ATTACKS = (
    Attack(FAMILY, "infinities", saying(INFINITE)),
    Attack(FAMILY, "number and array without end", saying(ENDLESS), says="cannot be read"),
    Attack(FAMILY, "no records", saying(NO_RECORDS)),
    Attack(
        FAMILY,
        "more than a file of ours holds",
        saying(LARGE),
        squared="squared = ['z' * 90_000] * 40",
        says="as a numpy array, but got a list",
        square=0,
    ),
    # Its own right answer comes too late: the first record of a question counts.
    Attack(FAMILY, "records of the other question", saying(OF_THE_OTHER), says="but", square=0),
    Attack(FAMILY, "worker patched", PATCHED_WORKER, says="Expected"),
    # The right numbers, but in the caller's array.
    Attack(FAMILY, "input changed in place", IN_PLACE, says="changed it in place"),
)
