"""Run the command line as its users do: as a process, against a real server."""

import os
import subprocess
import sys

import pytest

from .service import running


@pytest.fixture
def server():
    with running() as it:
        it.url = f"http://127.0.0.1:{it.server_port}/v1"
        yield it


@pytest.fixture
def environment(server):
    # A name such as BANKFT_MODE left over in the developer's shell must not reach the command.
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BANKFT_", "OPENAI_"))}
    return {
        **clean,
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": "any",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
    }


@pytest.fixture
def bankft(environment, tmp_path):
    def run(*arguments, stdin=None, **more):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "bankft", *arguments],
            env=environment | more,
            cwd=tmp_path,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    return run
