"""The commands against the real service, which really trains."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BANKFT_", "OPENAI_"))}
    environment = {**clean, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    bankft = [sys.executable, "-m", "bankft"]
    with subprocess.Popen(
        [*bankft, "serve", "--port", "0", "--data-dir", str(folder / "data")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as service:
        address = service.stdout.readline().split()[-1]
        environment |= {"OPENAI_BASE_URL": address, "OPENAI_API_KEY": "any"}

        def run(*arguments):
            return subprocess.run(
                [*bankft, *arguments],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                timeout=240,
            )

        try:
            yield run
        finally:
            service.terminate()
            service.communicate()


@pytest.fixture(scope="module")
def model(run, tmp_path_factory):
    """Train on a few conversations, as a user would."""
    from bankft import data
    from bankft.cases import fundbot

    folder = tmp_path_factory.mktemp("data")
    files = {
        part: str(data.write_jsonl(fundbot.conversations(part, n), folder / f"{part}.jsonl"))
        for part, n in [("train", 16), ("valid", 10)]
    }
    # fmt: off
    done = run("jobs", "create", "--training-file", files["train"],
               "--validation-file", files["valid"], "--epochs", "1", "--batch-size", "4",
               "--suffix", "cli", "--seed", "1", "--metadata", "case=fundbot", "--follow")
    # fmt: on
    assert done.returncode == 0, done.stderr
    assert "Step 4/4" in done.stderr
    return done.stdout.strip()


def test_a_followed_job_ends_with_its_model(model):
    assert model.startswith("ft:bankft-nano:bankft:cli:")


def test_the_job_is_listed_and_its_metrics_are_printed(run, model):
    (job,) = json.loads(run("jobs", "list", "--json").stdout)
    assert (job["status"], job["fine_tuned_model"]) == ("succeeded", model)
    assert job["metadata"] == {"case": "fundbot"}
    rows = json.loads(run("jobs", "results", job["id"], "--json").stdout)
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    assert rows[-1]["full_valid_loss"] > 0
    again = run("jobs", "cancel", job["id"])
    assert again.returncode == 1
    assert "ended" in again.stderr


def test_chat_with_the_model(run, model):
    done = run("chat", model, "管理费是多少？", "--temperature", "0", "--max-tokens", "8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    again = run("chat", model, "管理费是多少？", "--temperature", "0", "--max-tokens", "8")
    assert again.stdout == done.stdout


def test_refusals_are_one_sentence(run, tmp_path):
    for arguments in (
        ["chat", "none", "你好"],
        ["jobs", "follow", "ftjob-none"],
        ["jobs", "create", "--training-file", "file-none"],
    ):
        done = run(*arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1


def test_a_bad_training_file_fails_the_job_and_the_command(run, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "问"}]}\n' * 12, encoding="utf-8")
    done = run("jobs", "create", "--training-file", str(path), "--follow")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
