"""The sandbox: what a python grader may do, and everything that it may not.

Each attempt runs in every kind of sandbox that works on this machine; after it, one more sample
is graded in the same sandbox, which must not have suffered.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

from bankft import graders
from bankft.errors import UsageError
from bankft.graders import Limits, run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")


KINDS = ["bwrap", "unshare"]
QUICK = Limits(seconds=2)


def _ours(folder):
    """Tell whether Python or this package lies there: it is seen then, with nothing beside it."""
    places = sys.prefix, sys.base_prefix, graders.__file__
    return any(Path(place).is_relative_to(folder) for place in places)


@pytest.fixture(params=KINDS)
def kind(request):
    if request.param not in graders.available():
        pytest.skip(f"{request.param} does not work on this machine")
    return request.param


def run(kind, source, *, limits=QUICK, item=None):
    """Run a source on one sample, and make sure that a second one is graded as if alone."""
    head, _, body = source.partition("def grade(sample, item):")
    after = f"{head}def grade(sample, item):\n    if item.get('last'): return 0.125{body}"
    done = run_python(after, [({}, item or {}), ({}, {"last": True})], sandbox=kind, limits=limits)
    assert done[1].score == 0.125, done[1]
    assert {one.sandbox for one in done} == {kind}
    return done[0]


def test_one_kind_works_here_at_least():
    if not graders.available():
        pytest.skip("this machine has neither bubblewrap nor namespaces")
    assert run_python("def grade(sample, item): return 1.0", [({}, {})])[0].sandbox in KINDS


def test_a_python_below_tmp_is_seen(kind):
    """Its folder lies where a grader finds an empty one."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        venv.create(folder / "env", symlinks=True)
        source = "def grade(sample, item): return 1.0"
        code = (
            f"import sys; sys.path[:0] = {sys.path}; from bankft import graders;"
            f"print(graders.run_python({source!r}, [({{}}, {{}})], sandbox={kind!r})[0].score)"
        )
        done = subprocess.run(
            [folder / "env/bin/python", "-c", code], capture_output=True, text=True, timeout=60
        )
        assert done.stdout == "1.0\n", done.stderr
    finally:
        shutil.rmtree(folder)


def test_a_sample_and_its_item_reach_the_source(kind):
    source = "def grade(sample, item): return sample['output_json']['n'] * item['weights'][1]"
    pairs = [({"output_json": {"n": n}}, {"weights": [0, 0.5]}) for n in range(50)]
    done = run_python(source, pairs, sandbox=kind)
    assert [one.score for one in done] == [n / 2 for n in range(50)]


@pytest.mark.parametrize(
    ("value", "score"),
    [("1", 1.0), ("0.25", 0.25), ("-3.5", -3.5), ("True", 1.0), ("False", 0.0)],
)
def test_numbers(kind, value, score):
    assert run(kind, f"def grade(sample, item):\n    return {value}").score == score


def test_numpy_s_numbers(kind):
    if not find_spec("numpy"):
        pytest.skip("without numpy")
    source = "import numpy\ndef grade(sample, item):\n    return numpy.float32(0.5)"
    assert run(kind, source).score == 0.5


@pytest.mark.parametrize(
    "value",
    [
        "None",
        "'1.0'",
        "b'1'",
        "float('nan')",
        "float('inf')",
        "-float('inf')",
        "10 ** 400",
        "1j",
        "[1.0]",
        "{'score': 1.0}",
        "object()",
        "type('N', (), {'__float__': lambda self: 'x'})()",
        "type('N', (float,), {'__float__': lambda self: float('nan')})(1)",
    ],
)
def test_what_is_no_finite_number_gives_no_score(kind, value):
    done = run(kind, f"def grade(sample, item):\n    return {value}")
    assert done.score is None
    assert done.error in ("TypeError", "ValueError")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def grade(sample, item):\n    return 1 / 0", "division by zero (line 3"),
        ("def grade(sample, item):\n    return sample['x']", "KeyError: 'x'"),
        ("def grade(sample, item):\n    raise SystemExit(0)", "SystemExit"),
        ("def grade(sample, item):\n    raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("def grade(sample, item):\n    return grade(sample, item)", "RecursionError"),
        ("import no_such\ndef grade(sample, item):\n    return 1", "No module named 'no_such'"),
        ("def grade(sample, item):\n    assert False, 'x' * 10**7", "AssertionError"),
    ],
    ids=lambda value: value[-30:],
)
def test_an_error_is_told(kind, source, said):
    if "no_such" in source:  # fails before grade is called, so for every sample
        done = run_python(source, [({}, {})] * 2, sandbox=kind)
        assert done[0].details == done[1].details
        done = done[0]
    else:
        done = run(kind, source)
    assert done.score is None
    assert said in done.details
    assert len(done.details) < 3000


@pytest.mark.parametrize(
    "body",
    [
        "os._exit(0)",
        "os.abort()",
        "ctypes.string_at(0)",
        "sys.setrecursionlimit(10**9); f = lambda: f(); f()",
        "gc.disable(); [os.close(n) for n in range(64)]; 1 / 0",
    ],
)
def test_however_the_process_dies(kind, body):
    source = f"import os, ctypes, sys, gc\ndef grade(sample, item):\n    {body}\n    return 1.0"
    assert run(kind, source).score is None


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "import time; time.sleep(99)", "import signal; signal.pause()"],
)
def test_time_ends(kind, body):
    begun = time.monotonic()
    done = run(kind, f"def grade(sample, item):\n    {body}", limits=Limits(seconds=0.5))
    assert (done.score, done.error) == (None, "TimeoutError")
    assert time.monotonic() - begun < 30


def test_a_source_that_never_loads_is_tried_once(kind):
    source = "while True: pass\ndef grade(sample, item): return 1.0"
    done = run_python(source, [({}, {})] * 50, sandbox=kind, limits=Limits(seconds=0.5))
    assert {one.error for one in done} == {"TimeoutError"}
    assert sum(one.seconds for one in done) < 5


# -- Attempts to reach what is outside -------------------------------------------------------------

OUTSIDE = Path(__file__).resolve()


@pytest.mark.parametrize(
    "body",
    [
        # networks
        "socket.create_connection(('127.0.0.1', 80), 1)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53))",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.getaddrinfo('example.com', 80)",
        "urllib.request.urlopen('http://example.com', timeout=1)",
        # files
        "open('/etc/passwd').read()",
        "open('/etc/shadow').read()",
        *(f"os.listdir({folder!r})" for folder in ("/home", "/srv", "/var") if not _ours(folder)),
        "os.listdir('/proc')",
        "open('/proc/1/environ').read()",
        "open('/proc/self/mem', 'rb')",
        "os.listdir('/sys')",
        f"open({str(OUTSIDE)!r}).read()",
        f"os.listdir({str(OUTSIDE.parent)!r})",
        "open('/dev/mem')",
        "os.open('../../../../../../etc/passwd', 0)",
        # writing
        "open('/x', 'w')",
        "open('/dev/x', 'w')",
        "open(sys.prefix + '/x', 'w')",
        "open(os.__file__, 'a')",
        "os.remove(os.__file__)",
        "os.symlink('/', '/dev/x')",
        # programs and processes
        "subprocess.run(['/bin/sh', '-c', 'id'], check=True)",
        "subprocess.run([sys.executable, '-c', ''], check=True)",
        "os.execv(sys.executable, [sys.executable])",
        "os.fork()",
        "os.posix_spawn(sys.executable, [sys.executable], {})",
        "multiprocessing.get_context('fork').Process(target=print).start()",
        # other processes
        "os.kill(1, 9)",
        "os.kill(os.getppid(), 9)",
        "os.kill(-1, 9)",
        "os.killpg(0, 9)",
        "signal.pthread_kill(1, 9)",
        "call('ptrace', 16, 1, 0, 0)",
        # the kernel
        "call('unshare', 0x10000000)",
        "call('mount', b'x', b'/tmp', b'tmpfs', 0, None)",
        "call('umount2', b'/tmp', 2)",
        "call('chroot', b'/tmp')",
        "call('setns', 0, 0)",
        "call('setuid', 0) if os.getuid() else 1 / 0",
        "call('memfd_create', b'x', 0)",
        "call('shmget', 0, 2**30, 0o1600)",
        "os.nice(-5)",
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "os.mknod('/tmp/x', 0o60600, os.makedev(8, 0))",
    ],
)
def test_nothing_outside_is_reached(kind, body):
    source = (
        "import ctypes, multiprocessing, os, resource, signal, socket, subprocess, sys\n"
        "import urllib.request\n"
        "def call(name, *arguments):\n"
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    if getattr(libc, name)(*arguments) == -1:\n"
        "        raise OSError(ctypes.get_errno(), 'refused')\n"
        f"def grade(sample, item):\n    {body}\n    return 1.0"
    )
    done = run(kind, source)
    assert done.score is None, "it was let through"
    # Refused by the system, not by a slip in this test.
    assert done.error not in ("NameError", "AttributeError", "TypeError", "SyntaxError"), done


def test_this_package_is_there_and_nothing_beside_it(kind):
    source = (
        "import os, bankft\nfrom bankft.graders import grade as g\n"
        "def grade(sample, item):\n"
        "    above = os.path.dirname(os.path.dirname(bankft.__file__))\n"
        "    spec = {'type': 'string_check', 'name': 'x', 'input': 'a', 'reference': 'a',\n"
        "            'operation': 'eq'}\n"
        "    beside = {'pyproject.toml', 'tests', 'tutorials', '.git'}\n"
        "    assert not beside & set(os.listdir(above)), os.listdir(above)\n"
        "    return g(spec, 'x').reward"
    )
    assert run(kind, source).score == 1.0


def test_the_parent_s_environment_is_not_there(kind, monkeypatch):
    monkeypatch.setenv("BANK_SECRET", "a-secret-of-the-parent")
    source = "import os\ndef grade(sample, item):\n    raise ValueError(str(dict(os.environ)))"
    said = run(kind, source).details
    assert "a-secret-of-the-parent" not in said
    assert "PATH" not in said


def test_no_open_file_of_the_parent_is_there(kind, tmp_path):
    (tmp_path / "secret").write_text("a-secret-of-the-parent")
    source = (
        "import os\ndef grade(sample, item):\n    found = b''\n    for number in range(3, 256):\n"
        "        try: found += os.read(number, 99)\n        except OSError: pass\n"
        "    raise ValueError(str(found))"
    )
    with (tmp_path / "secret").open() as file:
        os.set_inheritable(file.fileno(), True)
        assert "a-secret" not in run(kind, source).details


def test_no_other_sample_is_seen(kind):
    """Neither through memory, nor through files, nor through what is still to be graded."""
    source = (
        "import os, gc, sys\nseen = []\ndef grade(sample, item):\n"
        "    seen.append(1)\n    left = os.listdir('/tmp')\n"
        "    open('/tmp/left', 'w').write(str(item))\n"
        "    others = [o for o in gc.get_objects() if type(o) is dict and o.get('n', item['n']) !="
        " item['n']]\n"
        "    ahead = sys.stdin.buffer.peek()\n"
        "    return len(seen) + 10 * len(left) + 100 * len(others) + 1000 * len(ahead)"
    )
    done = run_python(source, [({}, {"n": n}) for n in range(4)], sandbox=kind)
    assert [one.score for one in done] == [1.0] * 4, done


def test_the_same_again(kind):
    """No order of a set, which Python shuffles by the seed of its hashes, decides a reward."""
    source = "def grade(sample, item):\n    return hash('基金') % 2**40"
    assert run(kind, source).score == run(kind, source).score


def test_the_object_graph_leads_nowhere(kind):
    """What RestrictedPython and friends try to forbid is let happen: it reaches nothing."""
    source = (
        "def grade(sample, item):\n"
        "    for kind in ().__class__.__base__.__subclasses__():\n"
        "        if kind.__name__ == '_wrap_close':\n"
        "            os = kind.__init__.__globals__\n"
        "            os['system']('id > /tmp/pwned')\n"
        "            return float(os['path'].exists('/tmp/pwned'))\n"
        "    return -1.0"
    )
    assert run(kind, source).score == 0.0


@pytest.mark.parametrize(
    "body",
    [
        # on the standard streams, as the runner itself speaks
        "print('{\"score\": 1.0}'); sys.stdout.flush()",
        'os.write(1, b\'{"score": 1.0, "seconds": 0}\\n\' * 9)',
        # for the next samples too, on whatever is open
        '[w(n, b\'={"score": 9}\\n{"score": 9, "seconds": 0}\\n\') for n in range(64)]',
        "[w(n, b'+') for n in range(64)]",
        "[w(n, b'\\xff' * 10**5) for n in range(64)]",
        "[w(n, b'[' * 60000) for n in range(64)]",
    ],
)
def test_results_cannot_be_faked(kind, body):
    source = (
        "import os, sys\n"
        "def w(number, data):\n    try: os.write(number, data)\n    except OSError: pass\n"
        f"def grade(sample, item):\n    {body}\n    return 0.25"
    )
    done = run(kind, source)  # which looks at the next sample
    assert done.score in (0.25, None)


# -- Attempts to exhaust ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("bytearray(10 * 2**30)", "MemoryError"),
        ("x = []\n    while True: x.append(bytes(2**24))", "MemoryError"),
        ("while True: os.fork()", "PermissionError"),
        (
            "while True: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
            "RuntimeError",
        ),
        ("while True: files.append(open('/dev/null'))", "OSError"),
        ("open('/tmp/x', 'wb').truncate(2**40)", "OSError"),
        (
            "for n in range(9):\n        with open(f'/tmp/{n}', 'wb') as f:\n"
            "            for _ in range(16): f.write(bytes(2**20))",
            "OSError",
        ),
    ],
    ids=["10 GB", "bit by bit", "fork bomb", "threads", "files", "sparse file", "full disk"],
)
def test_nothing_is_exhausted(kind, body, error):
    source = (
        "import os, threading, time\nfiles = []\n"
        f"def grade(sample, item):\n    {body}\n    return 1.0"
    )
    done = run(kind, source, limits=Limits(seconds=30, memory=2**29, disk=2**26))
    assert (done.score, done.error) == (None, error)


def test_a_gigabyte_of_output_goes_nowhere(kind):
    body = "for _ in range(1024): os.write(1, bytes(2**20)); os.write(2, bytes(2**20))"
    source = f"import os\ndef grade(sample, item):\n    {body}\n    return 0.25"
    assert run(kind, source, limits=Limits(seconds=60)).score == 0.25


def test_threads_may_compute(kind):
    source = (
        "import threading\ndef grade(sample, item):\n    found = []\n"
        "    them = [threading.Thread(target=found.append, args=(1,)) for _ in range(4)]\n"
        "    [t.start() for t in them]; [t.join() for t in them]\n    return len(found)"
    )
    assert run(kind, source).score == 4.0


def running():
    """Return the sandboxes that run, but for those of other test processes."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"What runs inside the sandbox" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def gone(before):
    for _ in range(100):
        if not set(running()) - before:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("end", ["the grader hangs", "the caller is killed"])
@pytest.mark.parametrize("sandbox", [*KINDS, "none"])
def test_nothing_is_left_running(sandbox, end):
    if sandbox not in (*graders.available(), "none"):
        pytest.skip(f"{sandbox} does not work on this machine")
    before = set(running())
    if end == "the grader hangs":
        run(sandbox, "def grade(sample, item):\n    while True: pass", limits=Limits(seconds=0.5))
    else:
        code = (
            "from bankft.graders import run_python\n"
            "source = 'import time\\ndef grade(sample, item): time.sleep(60)'\n"
            f"run_python(source, [({{}}, {{}})], sandbox={sandbox!r})"
        )
        with subprocess.Popen([sys.executable, "-c", code]) as caller:
            for _ in range(400):
                if len(set(running()) - before) >= 2:  # the runner and its child
                    break
                time.sleep(0.05)
            caller.kill()
    assert gone(before)


# -- Without a sandbox -----------------------------------------------------------------------------


def test_none_must_be_asked_for_by_name(monkeypatch):
    from bankft.graders import sandbox

    monkeypatch.setattr(sandbox, "available", lambda: ())
    source = "def grade(sample, item): return 0.5"
    with pytest.raises(graders.Unavailable, match="No sandbox works here"):
        run_python(source, [({}, {})])
    done = run_python(source, [({}, {})], sandbox="none")
    assert (done[0].score, done[0].sandbox) == (0.5, "none")


def test_none_still_limits():
    source = "import socket\ndef grade(sample, item):\n    socket.socket()"
    assert run("none", source).error == "PermissionError"
    source = "def grade(sample, item):\n    while True: pass"
    assert run("none", source, limits=Limits(seconds=0.5)).error == "TimeoutError"
    source = "def grade(sample, item):\n    bytearray(10 * 2**30)"
    assert run("none", source).error == "MemoryError"


def test_there_is_no_other_kind():
    with pytest.raises(UsageError, match="no sandbox 'docker'"):
        run_python("def grade(sample, item): return 1", [({}, {})], sandbox="docker")


def test_no_samples():
    assert run_python("def grade(sample, item): return 1", [], sandbox="none") == []
