import re
import signal
import socket
import subprocess
import sys
from importlib.metadata import version

import click
import pytest

from bankft.cli import main


def commands(group=main, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_every_command_has_help_with_an_example(bankft, path):
    done = bankft(*path, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"bankft {' '.join(path)}" in done.stdout.partition("Example")[2]


def test_the_main_help_names_every_command(bankft):
    text = bankft("--help").stdout
    for name in main.list_commands(click.Context(main)):
        assert re.search(rf"^    {name}  ", text, re.MULTILINE)


def test_starting_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from bankft.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = 'torch openai fastapi sqlalchemy matplotlib IPython httpx2'.split()\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")


def test_version(bankft):
    assert bankft("--version").stdout == f"bankft {version('bankft')}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["files", "list"], 0, ""),
        (["jobs", "follow", "ftjob-good"], 0, "训练结束"),
        # 1: what was asked about is not fine
        (
            ["chat", "gpt-9", "你好"],
            1,
            r"The model gpt-9 does not exist \(HTTP 404, model_not_found\)",
        ),
        (["files", "create", "refuse.jsonl"], 1, r"Line 1 is not JSON \(HTTP 400, invalid_file\)"),
        (["jobs", "follow", "ftjob-bad"], 1, "ftjob-bad failed: Line 3 has no answer"),
        (["jobs", "follow", "ftjob-none"], 1, "HTTP 404"),
        (["jobs", "results", "ftjob-bad"], 1, "has no result file"),
        (["chat", "broken", "你好"], 1, "broke off"),
        # 2: used wrongly
        ([], 2, "Usage: bankft"),
        (["job"], 2, "No such command 'job'"),
        (["jobs"], 2, "Usage: bankft jobs"),
        (["files", "create"], 2, "Missing argument 'PATH'"),
        (["files", "create", "none.jsonl"], 2, "'none.jsonl' does not exist"),
        (["files", "list", "--limit", "0"], 2, "'--limit'"),
        (["jobs", "create"], 2, "'--training-file'"),
        (["jobs", "create", "--training-file", "none.jsonl"], 2, "no file 'none.jsonl' here"),
        (["jobs", "create", "--training-file", "file-1", "--epochs", "0"], 2, "'--epochs'"),
        (["jobs", "create", "--training-file", "file-1", "--metadata", "x"], 2, "'x' is not"),
        (["jobs", "follow", ""], 2, "JOB_ID.*empty"),
        (["chat", "bankft-nano", " "], 2, "The message is empty"),
        (["chat", "bankft-nano", "x", "--temperature", "3"], 2, "'--temperature'"),
        (["recordings", "check", "nowhere"], 2, "'nowhere' does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_exit_codes(bankft, tmp_path, arguments, code, said):
    (tmp_path / "refuse.jsonl").write_text("refuse")
    done = bankft(*arguments)
    assert done.returncode == code, done.stderr
    assert re.search(said, done.stderr)
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.splitlines()[-1].startswith("Error: ")
        assert done.stderr.count("Error") == 1


def test_no_service_is_one_sentence(bankft):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = bankft("files", "list", OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1")
    assert done.returncode == 1
    assert f"http://127.0.0.1:{port}" in done.stderr
    assert "bankft serve" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_address_without_its_key_is_used_wrongly(bankft):
    done = bankft("files", "list", OPENAI_API_KEY="")
    assert done.returncode == 2
    assert "OPENAI_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")
def test_a_reader_that_has_had_enough_is_no_error(environment):
    done = subprocess.Popen(
        [sys.executable, "-m", "bankft", "files", "list"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    done.stdout.close()
    with done.stderr:
        assert done.stderr.read() == b""
    assert done.wait(30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")
def test_ctrl_c_ends_quietly_with_130(environment):
    with subprocess.Popen(
        [sys.executable, "-m", "bankft", "chat", "slow", "你好"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as done:
        assert done.stdout.read(len("管理费".encode())).decode() == "管理费"
        done.send_signal(signal.SIGINT)
        assert done.wait(30) == 130
        assert done.stderr.read() == b""
