"""What each command prints, for people and (--json) for programs."""

import json

import pytest

MODEL = "ft:bankft-nano:bankft:v1:a1b2c3d4"
EVENT, JOB, CHUNK = "fine_tuning.job.event", "fine_tuning.job", "chat.completion.chunk"


@pytest.mark.parametrize(
    ("arguments", "objects"),
    [
        # one JSON document
        (["files", "create", "train.jsonl"], "file"),
        (["files", "list"], ["file"]),
        (["jobs", "create", "--training-file", "train.jsonl"], JOB),
        (["jobs", "list"], [JOB, JOB]),
        (["jobs", "cancel", "ftjob-good"], JOB),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_json_is_one_document(bankft, tmp_path, arguments, objects):
    (tmp_path / "train.jsonl").write_text("{}")
    found = json.loads(bankft(*arguments, "--json").stdout)
    if isinstance(objects, list):
        assert [item["object"] for item in found] == objects
    else:
        assert found["object"] == objects


@pytest.mark.parametrize(
    ("arguments", "objects"),
    [
        (["jobs", "create", "--training-file", "file-1", "--follow"], [JOB, *[EVENT] * 3, JOB]),
        (["jobs", "follow", "ftjob-good"], [EVENT, EVENT, EVENT, JOB]),
        (["chat", "bankft-nano", "管理费？"], [CHUNK, CHUNK]),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_json_of_a_stream_is_json_lines(bankft, arguments, objects):
    done = bankft(*arguments, "--json")
    assert [json.loads(line)["object"] for line in done.stdout.splitlines()] == objects


def test_json_is_what_the_service_sent(bankft):
    (found,) = json.loads(bankft("files", "list", "--json").stdout)
    assert found == {
        "id": "file-1",
        "object": "file",
        "bytes": 120,
        "created_at": 1767225600,
        "filename": "训练集.jsonl",
        "purpose": "fine-tune",
        "status": "processed",
    }


def test_results_as_json_and_as_csv(bankft):
    rows = json.loads(bankft("jobs", "results", "ftjob-good", "--json").stdout)
    assert rows == [
        {
            "step": 1,
            "train_loss": 2.5,
            "train_mean_token_accuracy": 0.25,
            "valid_loss": None,
            "valid_mean_token_accuracy": None,
        },
        {
            "step": 2,
            "train_loss": 1.5,
            "train_mean_token_accuracy": 0.5,
            "valid_loss": 1.75,
            "valid_mean_token_accuracy": 0.45,
        },
    ]
    assert bankft("jobs", "results", "ftjob-good").stdout == (
        "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy\n"
        "1,2.5,0.25,,\n2,1.5,0.5,1.75,0.45\n"
    )


def test_tables_are_aligned_for_wide_characters(bankft):
    assert bankft("files", "list").stdout == (
        "id      name          bytes  purpose    created\n"
        "file-1  训练集.jsonl    120  fine-tune  2026-01-01 00:00\n"
    )
    assert bankft("jobs", "list").stdout.splitlines()[1].split() == [
        "ftjob-good", "succeeded", "bankft-nano", MODEL, "2026-01-01", "00:00",
    ]  # fmt: skip


def test_an_empty_list_leaves_stdout_empty(bankft, server):
    server.has_jobs = False
    done = bankft("jobs", "list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "No job was created yet.\n")
    assert bankft("jobs", "list", "--json").stdout == "[]\n"


def test_upload_prints_the_id_alone(bankft, tmp_path):
    (tmp_path / "训练.jsonl").write_text("{}")
    done = bankft("files", "create", "训练.jsonl")
    assert done.stdout == "file-1\n"
    assert done.stderr == "Uploaded 训练.jsonl (120 bytes) as file-1.\n"


def test_create_asks_for_what_was_given_and_nothing_else(bankft, server, tmp_path):
    (tmp_path / "train.jsonl").write_text("{}")
    done = bankft("jobs", "create", "--training-file", "train.jsonl")
    assert done.stdout == "ftjob-new\n"
    assert server.requests[-1][1] == {
        "model": "bankft-nano",
        "training_file": "file-1",
        "method": {"type": "supervised", "supervised": {"hyperparameters": {}}},
    }
    # fmt: off
    bankft("jobs", "create", "--model", "m", "--training-file", "file-8",
           "--validation-file", "train.jsonl", "--suffix", "v1", "--epochs", "3",
           "--batch-size", "8", "--learning-rate-multiplier", "0.5", "--seed", "0",
           "--metadata", "case=fundbot", "--metadata", "note=a=b")
    # fmt: on
    assert server.requests[-1][1] == {
        "model": "m",
        "training_file": "file-8",
        "validation_file": "file-1",
        "suffix": "v1",
        "seed": 0,
        "metadata": {"case": "fundbot", "note": "a=b"},
        "method": {
            "type": "supervised",
            "supervised": {
                "hyperparameters": {
                    "n_epochs": 3,
                    "batch_size": 8,
                    "learning_rate_multiplier": 0.5,
                }
            },
        },
    }


def test_follow_prints_the_model_alone(bankft):
    done = bankft("jobs", "create", "--training-file", "file-1", "--follow")
    assert done.stdout == f"{MODEL}\n"
    assert done.stderr == "Created ftjob-new.\nStep 1/2\nStep 2/2\n训练结束\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "messages"),
    [
        (["你好"], None, [("user", "你好")]),
        ([], "你好\n", [("user", "你好\n")]),
        (["你好", "--system", "你是客服"], None, [("system", "你是客服"), ("user", "你好")]),
    ],
)
def test_chat_sends_the_message(bankft, server, arguments, stdin, messages):
    done = bankft("chat", "bankft-nano", *arguments, stdin=stdin)
    assert done.stdout == "管理费0.30%\n"
    asked = server.requests[-1][1]
    assert [(m["role"], m["content"]) for m in asked["messages"]] == messages
    assert set(asked) == {"model", "messages", "stream"}


def test_chat_sends_its_options(bankft, server):
    bankft("chat", "bankft-nano", "x", "--temperature", "0", "--max-tokens", "9", "--seed", "0")
    asked = server.requests[-1][1]
    assert (asked["temperature"], asked["max_tokens"], asked["seed"]) == (0, 9, 0)


def test_chat_says_when_the_answer_was_cut(bankft):
    done = bankft("chat", "short", "x")
    assert done.returncode == 0
    assert "--max-tokens" in done.stderr


def test_recordings_check(bankft, tmp_path):
    (tmp_path / "good").mkdir()
    fine = bankft("recordings", "check", "good")
    assert (fine.returncode, fine.stdout, fine.stderr) == (0, "", "The recordings are fine.\n")
    (tmp_path / "page.zh.jsonl").write_text("not a recording\n")
    bad = bankft("recordings", "check", ".")
    assert bad.returncode == 1
    assert bad.stdout.startswith("page.zh.jsonl:1: ")
    as_json = bankft("recordings", "check", ".", "--json")
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout) == bad.stdout.splitlines()
