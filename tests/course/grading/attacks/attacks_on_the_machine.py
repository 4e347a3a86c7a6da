"""Attacks on the machine: exits, kills, hangs, processes, memory, floods. They forge nothing."""

from attack import VALUES, Attack, code

EXITS, HANGS, PROCESSES = "exits and kills", "hangs", "fork bombs and daemons"
MEMORY, FLOODS = "memory and disk", "floods of output"

DIED, TIME = "ended Python itself", "in time"


def call(line: str, imports: str = "import os") -> str:
    """Answer that does something when it is called."""
    return f"{imports}\n\ndef scale(x):\n    {line}\n    return x"


CRASH = call("ctypes.string_at(0)", "import ctypes")

STOP_ALL = call("os.kill(os.getppid(), 19); os.kill(os.getpid(), 19)")

IGNORE_SIGNALS = code("""
    import signal

    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass

    def scale(x):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
""")

FORK_BOMB = code("""
    import os

    def scale(x):
        while True:
            try:
                os.fork()
            except OSError:
                pass
""")

DAEMON = code("""
    import os
    import time

    def scale(x):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    try:
                        open("@MARK@", "w").close()
                    except OSError:
                        time.sleep(0.1)
            os._exit(0)
        return x
""")

KILL_LATER = code("""
    import os
    import signal
    import time

    def scale(x):
        if os.fork() == 0:
            os.setsid()
            time.sleep(0.3)
            for number in range(2, 2000):
                if number != os.getpid():
                    try:
                        os.kill(number, signal.SIGKILL)
                    except OSError:
                        pass
            os._exit(0)
        return x
""")

FILL_DISK = code("""
    import os

    def scale(x):
        for folder in ("/tmp", "/dev/shm", "/", "/var/tmp", "@ROOT@"):
            for number in range(100):
                try:
                    with open(f"{folder}/{number}", "wb") as file:
                        for _ in range(60):
                            file.write(bytes(10**6))
                except OSError:
                    break
        return x
""")

FIND_PIPE = code("""
    import os

    def _is_pipe(number):
        try:
            return os.readlink(f"/proc/self/fd/{number}").startswith("pipe:")
        except OSError:
            return False

    PIPE = next((number for number in range(1000) if _is_pipe(number)), 1)
""")

FLOOD_PIPE = f"{FIND_PIPE}\n\ndef scale(x):\n    while True:\n        os.write(PIPE, b'x' * 65536)"

PRINT_MUCH = code("""
    import os

    def scale(x):
        for _ in range(1000):
            os.write(1, b"x" * 99999)
            os.write(2, b"x" * 99999)
        print("y" * 10**8)
        return x
""")

ATTACKS = (
    Attack(EXITS, "os._exit", call("os._exit(0)"), says=DIED),
    Attack(EXITS, "kill of the parent", call("os.kill(os.getppid(), 9)"), says="Expected"),
    Attack(EXITS, "kill of all", call("os.kill(-1, 9)"), says="Expected"),
    Attack(EXITS, "crash", CRASH, says=DIED),
    Attack(HANGS, "loop that ignores signals", IGNORE_SIGNALS, says=TIME),
    Attack(HANGS, "stopped worker", STOP_ALL, says=TIME),
    Attack(PROCESSES, "fork bomb", FORK_BOMB, says="too many were started"),
    Attack(PROCESSES, "daemon", DAEMON),
    Attack(PROCESSES, "daemon that kills", KILL_LATER, says="Expected"),
    Attack(MEMORY, "3 GB", call("bytearray(b'x') * 3_000_000_000"), says="Expected a result"),
    Attack(MEMORY, "disk filled", FILL_DISK, says="Expected"),
    Attack(FLOODS, "pipe of the results", FLOOD_PIPE, says="far larger"),
    Attack(
        FLOODS, "result", "def scale(x):\n    return ['x' * 90_000] * 99", says="larger than 4 MB"
    ),
    Attack(FLOODS, "stdout, stderr and print", PRINT_MUCH, says=VALUES),
)
