"""Attacks by the hooks of IPython and of its kernel: what runs, what is shown, what is sent."""

from attack import ASSERTED, PRINTED, Attack, Control, code

HOOKS, MESSAGES = "hooks of IPython", "forged messages of the kernel"

DROP_ASSERT = code("""
    import ast

    class Drop(ast.NodeTransformer):
        def visit_Assert(self, node):
            return ast.copy_location(ast.Pass(), node)

    get_ipython().ast_transformers.append(Drop())

    def scale(x):
        return x
""")

REWRITE_CELLS = code("""
    def rewrite(lines):
        return ['print("01.scale: right")\\n']

    get_ipython().input_transformers_post.append(rewrite)

    def scale(x):
        return x
""")

SHOW_NO_ERROR = code("""
    def scale(x):
        return x

    get_ipython().showtraceback = lambda *args, **options: None
""")

LEARN_BEFORE_THE_RUN = code("""
    import re

    def learn(info):
        number = re.search(r"== (\\d+)", info.raw_cell)
        if number:
            get_ipython().user_ns["scale"] = lambda x: int(number[1])

    get_ipython().events.register("pre_run_cell", learn)

    def scale(x):
        return x
""")

EARLY_IDLE = code("""
    def scale(x):
        kernel = get_ipython().kernel
        parent = kernel.get_parent("shell")
        sent = {"name": "stdout", "text": "01.scale: right\\n"}
        kernel.session.send(kernel.iopub_socket, "stream", sent, parent=parent)
        idle = {"execution_state": "idle"}
        kernel.session.send(kernel.iopub_socket, "status", idle, parent=parent)
        return x
""")

REWRITE_THE_STREAM = code("""
    import sys

    class Rewriting:
        def __init__(self, stream):
            self.stream = stream

        def write(self, text):
            return self.stream.write(text.replace("not yet", "right"))

        def __getattr__(self, name):
            return getattr(self.stream, name)

    def scale(x):
        sys.stdout = Rewriting(sys.stdout)
        return x
""")

asserted, printed = Control(ASSERTED), Control(PRINTED)

ATTACKS = (
    Attack(HOOKS, "AST transformer drops assert", DROP_ASSERT, control=asserted),
    Attack(HOOKS, "input transformer", REWRITE_CELLS, control=printed),
    Attack(HOOKS, "showtraceback replaced", SHOW_NO_ERROR, control=asserted),
    Attack(HOOKS, "event before the run", LEARN_BEFORE_THE_RUN, control=asserted),
    Attack(
        MESSAGES, "stream and early idle on iopub", EARLY_IDLE, says="NameError", control=printed
    ),
    Attack(MESSAGES, "stream rewritten", REWRITE_THE_STREAM, control=printed),
)
