"""What runs inside the sandbox: this file's text, as a program, and no other module of ours.

It never runs a grader itself. For each sample it forks a child, which gives up what it does not
need, runs the source and calls ``grade``; the child's answer comes back through a pipe of its
own, so what a grader prints, and how it dies, touches no other sample. One start serves a whole
batch, and the modules that a source imports are imported once, before the forks.

It reads JSON from stdin, each value after its length in four bytes: the setup, then
``{"sample", "item"}`` for each sample; and writes JSON lines to stdout: ``{"ready": …}``, then one
for each sample. It reads no further than the sample at hand, so that no child holds the next ones.
"""

import contextlib
import ctypes
import importlib
import json
import math
import os
import resource
import select
import shutil
import signal
import struct
import sys
import time
from types import CodeType
from typing import Any

Json = dict[str, Any]
LIBC = ctypes.CDLL(None, use_errno=True)
ANSWER = 64 * 1024  # bytes that a child may answer
DETAILS = 2000  # characters of an error's message

# -- The file system: nothing but Python and an empty folder ---------------------------------------

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT = 1, 2, 4, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}


def check(result: int) -> None:
    """Raise what a system call of C reports."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def mount(
    source: str | None, target: str, kind: str | None, flags: int, data: str | None = None
) -> None:
    """Mount, as the system call does."""
    names = [None if name is None else os.fsencode(name) for name in (source, target, kind)]
    check(LIBC.mount(*names, flags, None if data is None else os.fsencode(data)))


def new_root(places: list[str], links: dict[str, str], disk: int) -> None:
    """Move into a root that holds some folders and files of the old one, read-only."""
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    # Covered by the new root from here on; nobody else sees this. It must cover no place.
    taken = [f"{place}/" for place in places]
    root = next(
        folder
        for folder in ("/tmp", "/mnt", "/media", "/srv")
        if os.path.isdir(folder) and not any(one.startswith(f"{folder}/") for one in taken)
    )
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755")
    os.makedirs(root + "/tmp")
    mount("tmpfs", root + "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, f"size={disk},mode=1777")
    for place in places:
        target = root + place
        if os.path.isdir(place):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            open(target, "wb").close()
        mount(place, target, None, MS_BIND | MS_REC)
        # What the old mount forbids must stay forbidden, or the kernel refuses.
        kept = os.statvfs(place).f_flag & (os.ST_NODEV | os.ST_NOEXEC | os.ST_NOATIME)
        device = 0 if place.startswith("/dev/") else MS_NODEV
        flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | device | kept
        mount(None, target, None, flags)
    for name, to in links.items():
        if not os.path.lexists(root + name):
            os.symlink(to, root + name)
    os.chdir(root)
    check(LIBC.syscall(PIVOT_ROOT[os.uname().machine], b".", b"."))
    check(LIBC.umount2(b".", MNT_DETACH))
    mount(None, "/", None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)


# -- Rights ----------------------------------------------------------------------------------------

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_NO_NEW_PRIVS = 38
NOBODY = 65534


def prctl(option: int, *values: object) -> int:
    """Tell the kernel something about this process; other systems than Linux have no such call."""
    done: int = LIBC.prctl(option, *values) if sys.platform == "linux" else -1
    return done


def drop_rights() -> None:
    """Become nobody where that is possible, and give up every capability for good."""
    if os.geteuid() == 0:
        for capability in range(64):
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        with contextlib.suppress(OSError):  # in a user namespace nobody is not mapped
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        # struct __user_cap_header_struct of version 3, this process; then two empty sets
        LIBC.capset(struct.pack("Ii", 0x20080522, 0), bytes(24))
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # nobody looks into this process


# System calls that no grader needs, by their numbers: programs and processes, other processes,
# networks, memory that no limit counts, and the kernel's own affairs.
DENIED = {
    "x86_64": [
        *(57, 58, 59, 322),  # fork vfork execve execveat
        *(62, 129, 200, 234, 297, 424, 101, 310, 311, 434, 438),  # kill … tgkill, ptrace, pidfd …
        *(41, 42, 43, 49, 50, 288),  # socket connect accept bind listen accept4
        *(29, 30, 31, 68, 240, 319, 447),  # shm… msgget mq_open memfd_create memfd_secret
        *(155, 161, 165, 166, 167, 272, 308, 428, 429, 430, 432, 442),  # mounts and namespaces
        *(246, 250, 248, 249, 298, 303, 304, 321, 323, 425, 426, 427, 175, 313, 320),
    ],
    "aarch64": [
        *(221, 281),
        *(129, 130, 131, 138, 240, 424, 117, 270, 271, 434, 438),
        *(198, 203, 202, 200, 201, 242),
        *(194, 195, 196, 186, 180, 279, 447),
        *(41, 51, 40, 39, 97, 268, 428, 429, 430, 432, 442),
        *(104, 217, 218, 219, 241, 264, 265, 280, 282, 425, 426, 427, 105, 273, 294),
    ],
}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
EPERM, ENOSYS, CLONE_THREAD = 1, 38, 0x10000


def seccomp_program(machine: str) -> bytes | None:
    """Return the filter as the kernel reads it, or None for a machine that we do not know."""
    if machine not in DENIED:
        return None
    steps = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, AUDIT[machine]), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    if machine == "x86_64":  # the x32 calls, which have numbers of their own
        steps += [(AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, REFUSE | EPERM)]
    for number in DENIED[machine]:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    # clone3 hides its flags from a filter: without it, threads are made by clone.
    steps += [(EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, REFUSE | ENOSYS)]
    steps += [(EQUAL, 0, 3, CLONE[machine]), (LOAD, 0, 0, 16), (ANY_BIT, 1, 0, CLONE_THREAD)]
    steps += [(RETURN, 0, 0, REFUSE | EPERM), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def filter_calls() -> bool:
    """Let this process make the system calls of a computation only; say whether that works."""
    program = seccomp_program(os.uname().machine)
    if program is None:
        return False
    code = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    return prctl(PR_SET_SECCOMP, 2, whole, 0, 0) == 0


def limit(kind: int, value: int) -> None:
    """Set a limit that cannot be raised again."""
    with contextlib.suppress(ValueError, OSError):  # a lower limit holds already
        resource.setrlimit(kind, (value, value))


# -- One sample ------------------------------------------------------------------------------------


def run_one(setup: Json, code: CodeType, row: Json, out: int) -> None:
    """In the child: compute the reward and write it to the pipe."""
    os.setsid()
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.dup2(out, 3)
    os.closerange(4, 256)
    limit(resource.RLIMIT_CPU, math.ceil(setup["seconds"] * setup["cores"]) + 1)
    limit(resource.RLIMIT_AS, setup["memory"])
    limit(resource.RLIMIT_FSIZE, setup["disk"])
    limit(resource.RLIMIT_NOFILE, 64)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_NPROC, setup["processes"])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if not filter_calls() and setup["seccomp"]:
        os._exit(70)
    sys.dont_write_bytecode = True
    answer: Json = {}
    try:
        names = {"__name__": "grader", "__builtins__": __builtins__}
        exec(code, names)
        grade = names.get("grade")
        os.write(3, b"+")
        if not callable(grade):
            raise TypeError("the source defines no function grade(sample, item)")
        value = grade(row["sample"], row["item"])
        answer["score"] = number_of(value)
    except BaseException as error:
        answer["error"] = described(error)
    text = json.dumps(answer).encode()
    os.write(3, b"=" + text)
    os._exit(0)


def number_of(value: Any) -> float:
    """Return a reward as a float: a finite number, numpy's too, but no text that looks like one."""
    if isinstance(value, str | bytes | bytearray) or value is None:
        raise TypeError(f"grade returned {type(value).__name__}, which is no number")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"grade returned {type(value).__name__}, which is no number") from None
    if not math.isfinite(number):
        raise ValueError("grade returned a number that is not finite")
    return number


def described(error: BaseException) -> Json:
    """Return an error's kind, message and line in the grader's source."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<grader>":
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        message = str(error)[:DETAILS]
    except BaseException:
        message = ""
    kind = type(error).__name__[:100]
    where = "" if line is None else f" (line {line} of the source)"
    return {"kind": kind, "details": (f"{kind}: {message}" if message else kind) + where}


def watch_one(setup: Json, code: CodeType, row: Json) -> Json:
    """In the parent: fork the child, wait for its answer, make sure that it is gone."""
    begun = time.monotonic()
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            run_one(setup, code, row, theirs)
        finally:
            os._exit(71)
    os.close(theirs)
    said, timed_out = b"", False
    events = select.poll()
    events.register(ours, select.POLLIN)
    events.register(1, 0)  # tells when nobody reads our answers any more
    while len(said) <= ANSWER:
        left = begun + setup["seconds"] - time.monotonic()
        ready = dict(events.poll(1000 * left)) if left > 0 else {}
        if 1 in ready:
            os._exit(72)  # and with process 1 go all others
        if ours not in ready:
            timed_out = True
            break
        piece = os.read(ours, ANSWER)
        if not piece:
            break
        said += piece
    os.close(ours)
    # Process 1 of a namespace kills all of it but itself.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL) if os.getpid() == 1 else os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    if setup["folder"]:
        empty(setup["folder"])
    answer = answer_of(said, timed_out, status, setup)
    answer["loaded"] = said.startswith(b"+")
    answer["seconds"] = time.monotonic() - begun
    return answer


def empty(folder: str) -> None:
    """Leave nothing for the next sample to find."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)


def answer_of(said: bytes, timed_out: bool, status: int, setup: Json) -> Json:
    """Return what a child said, or how it ended instead; it is not believed, only read."""
    if timed_out:
        limit_ = f"grade took more than {setup['seconds']:g} s"
        return {"error": {"kind": "TimeoutError", "details": limit_}}
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return {"error": {"kind": "TimeoutError", "details": "grade used too much processor time"}}
    try:
        if len(said) > ANSWER:
            raise ValueError
        answer = json.loads(said.lstrip(b"+").removeprefix(b"="))
        if "score" in answer:
            score = answer["score"]
            if type(score) is not float or not math.isfinite(score):
                raise ValueError
            return {"score": score}
        kind, details = answer["error"]["kind"], answer["error"]["details"]
        return {"error": {"kind": str(kind)[:100], "details": str(details)[: DETAILS + 200]}}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        if os.WIFSIGNALED(status):
            how = f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
        else:
            how = f"ended with status {os.WEXITSTATUS(status)}"
        details = f"the grader's process {how} and left no reward"
        return {"error": {"kind": "Crash", "details": details}}


def read_one() -> Json | None:
    """Return the next value, None at the end."""
    size = struct.unpack(">I", head)[0] if len(head := read_exactly(4)) == 4 else 0
    value: Json | None = json.loads(read_exactly(size)) if size else None
    return value


def read_exactly(size: int) -> bytes:
    """Return so many bytes of stdin, fewer where it ends."""
    read = b""
    while len(read) < size and (piece := os.read(0, min(size - len(read), 1 << 20))):
        read += piece
    return read


def main() -> None:
    """Serve one batch."""
    setup = read_one()
    if setup is None:
        return
    if setup["places"] is not None:
        new_root(setup["places"], setup["links"], setup["disk"])
    if setup["folder"]:
        os.chdir(setup["folder"])
    if setup["places"] is not None or os.getpid() == 1:
        drop_rights()
    else:
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)  # changing the user has undone it
    for name in setup["modules"]:
        with contextlib.suppress(BaseException):  # the child will meet the same error, and tell
            importlib.import_module(name)
    code = compile(setup["source"], "<grader>", "exec")
    tell = sys.stdout.buffer

    def say(value: Json) -> None:
        tell.write(json.dumps(value).encode() + b"\n")
        tell.flush()

    say({"ready": True, "seccomp": setup["seccomp"]})
    gone: Json | None = None
    while row := read_one():
        # What fails before grade is called fails for every sample: it is not tried again.
        answer = dict(gone, seconds=0.0) if gone else watch_one(setup, code, row)
        if not answer.pop("loaded", True):
            gone = answer
        say(answer)


if __name__ == "__main__":
    main()
