"""Attacks on the comparison: values that equal everything, and libraries that say so."""

from attack import ASSERTED, CLOSE, PRINTED, Attack, Control, code

EQUAL, LIBRARIES = "values that equal everything", "patched libraries"

EQUAL_TO_ALL = code("""
    class Same:
        def __eq__(self, other):
            return True

        def __ne__(self, other):
            return False

        __hash__ = None

    def scale(x):
        return Same()
""")

ARRAY_CLOSE_TO_ALL = code("""
    import numpy as np

    class Same(np.ndarray):
        def __array_function__(self, function, types, args, kwargs):
            return True

        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            return np.True_

    def scale(x):
        return np.array(x).view(Same)
""")

EMPTY_ARRAY = "import numpy as np\n\ndef scale(x):\n    return np.empty((0, *np.shape(x)))"

NOT_A_NUMBER = "import numpy as np\n\ndef scale(x):\n    return x * float('nan')"

PATCHED_INT = code("""
    import ctypes

    def scale(x):
        # Python keeps small ints once for all: from here on, 217 is 31.
        if isinstance(x, int):
            ctypes.memmove(id(217) + 24, id(31) + 24, 4)
        return x
""")

PATCHED_JSON = code("""
    import json

    class Same(str):
        def __eq__(self, other):
            return True

        __hash__ = str.__hash__

    dumps = json.dumps

    def patched(value, *args, **options):
        if isinstance(value, dict) and "value" in value:
            value = {**value, "value": Same(), "right": True, "earned": 3}
        return Same() if isinstance(value, int) else dumps(value, *args, **options)

    json.dumps = json._default_encoder.encode = patched

    def scale(x):
        return x
""")

PATCHED_PICKLE = code("""
    import pickle

    class Same:
        def __reduce__(self):
            made = "open('@MARK@', 'w').close() or __import__('unittest.mock').mock.ANY"
            return eval, (made,)

    dump = pickle.dumps
    pickle.dumps = lambda value, *args, **options: dump(Same())

    def scale(x):
        return Same()
""")

PATCHED_NUMPY = code("""
    import numpy as np

    np.allclose = np.array_equal = lambda *args, **options: True
    np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **options: None
    np.ndarray = object

    def scale(x):
        return x
""")

PATCHED_TORCH = code("""
    import torch

    torch.allclose = torch.equal = lambda *args, **options: True
    torch.Tensor.numpy = lambda self, **options: None

    def scale(x):
        return torch.as_tensor(x)
""")

asserted, printed, close = Control(ASSERTED), Control(PRINTED), Control(CLOSE)
far = Control("import numpy as np\n\nassert not np.any(abs(scale(np.ones(3)) - 7) > 1e-6)")
by_json = Control("import json\n\nassert json.dumps(scale(31)) == '217'")
by_pickle = Control("import pickle\n\nassert pickle.loads(pickle.dumps(scale(31))) == 217")
by_torch = Control(
    "import torch\n\nassert torch.allclose(torch.as_tensor(scale(31)), torch.tensor(217))"
)

ATTACKS = (
    Attack(EQUAL, "__eq__ that is always true", EQUAL_TO_ALL, says="type Same", control=printed),
    Attack(EQUAL, "array of its own", ARRAY_CLOSE_TO_ALL, control=close),
    Attack(EQUAL, "array without entries", EMPTY_ARRAY, says="in shape (5,)", control=close),
    Attack(EQUAL, "not a number", NOT_A_NUMBER, says="holds NaN", control=far),
    Attack(LIBRARIES, "an int in memory", PATCHED_INT, control=asserted),
    Attack(LIBRARIES, "json", PATCHED_JSON, says="Expected", control=by_json),
    Attack(LIBRARIES, "pickle", PATCHED_PICKLE, says="type Same", control=by_pickle),
    Attack(LIBRARIES, "numpy", PATCHED_NUMPY, says="Expected", control=close),
    Attack(LIBRARIES, "torch", PATCHED_TORCH, says="Expected", control=by_torch),
)
