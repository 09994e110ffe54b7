"""``bankft audit`` as its users run it."""

import json
import os

import pytest

from bankft.audit import AuditLog, make_key


@pytest.fixture
def log(tmp_path):
    """A log as the service lays it out, with its key beside it and an anchor elsewhere."""
    key = make_key(tmp_path / "data" / "audit.key")
    with AuditLog(tmp_path / "data/audit", key=key, anchor=tmp_path / "anchor.json") as opened:
        for i in range(9):
            opened.append("answer" if i % 2 else "release.approve", {"i": i}, durable=False)
    return tmp_path / "data/audit"


def edit(log, change):
    (file,) = log.glob("audit-*.jsonl")
    file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))


@pytest.mark.parametrize("named", [[], ["--anchor", "anchor.json"], ["--key", "data/audit.key"]])
def test_a_whole_log(bankft, log, named):
    done = bankft("audit", "verify", str(log), *named, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["ok"], found["entries"], found["first_bad"]) == (True, 10, None)
    assert (found["keyed"], found["reason"]) == (True, "")


@pytest.mark.parametrize(
    ("change", "anchored", "entries", "first_bad"),
    [
        (lambda lines: [*lines[:4], *lines[5:]], False, 4, 5),  # one deleted
        (lambda lines: [*lines[:4], lines[4].replace(b'"i":3', b'"i":8'), *lines[5:]], False, 4, 5),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], False, 2, 3),  # a new order
        (lambda lines: lines[:7], True, 7, 8),  # cut off: the anchor finds it
        (lambda lines: [*lines[:-1], lines[-1][:-5]], False, 9, 10),  # the last line is not whole
        (lambda lines: [b"?\n", *lines[1:]], False, 0, 1),  # not even the first can be read
    ],
)
def test_the_first_bad_entry_is_named(bankft, log, change, anchored, entries, first_bad):
    edit(log, change)
    anchor = ["--anchor", "anchor.json"] if anchored else []
    done = bankft("audit", "verify", str(log), *anchor, "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["ok"], found["entries"], found["first_bad"]) == (False, entries, first_bad)
    assert f"Entry {first_bad}: " in bankft("audit", "verify", str(log), *anchor).stdout


def test_without_the_key_the_chain_alone_is_checked(bankft, log, tmp_path):
    (tmp_path / "data/audit.key").unlink()
    done = bankft("audit", "verify", str(log), "--json", BANKFT_DATA_DIR=str(tmp_path / "none"))
    assert done.returncode == 0
    assert "only the chain is checked" in done.stderr
    assert json.loads(done.stdout)["keyed"] is False


def test_another_key(bankft, log, tmp_path):
    make_key(tmp_path / "other.key")
    done = bankft("audit", "verify", str(log), "--key", "other.key", "--json")
    assert (done.returncode, json.loads(done.stdout)["first_bad"]) == (1, 1)


def test_there_is_no_log(bankft, log, tmp_path):
    (tmp_path / "empty").mkdir()
    assert bankft("audit", "verify", "nowhere").returncode == 2
    done = bankft("audit", "verify", "empty")
    assert (done.returncode, "no audit log" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_show(bankft, log):
    done = bankft("audit", "show", str(log), "--kind", "release", "--last", "2", "--json")
    shown = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["n"], one["kind"], one["data"]["i"]) for one in shown] == [
        (8, "release.approve", 6),
        (10, "release.approve", 8),
    ]
    assert set(shown[0]) == {"n", "at", "kind", "data"}
    assert len(bankft("audit", "show", str(log)).stdout.splitlines()) >= 10
    done = bankft("audit", "show", str(log), "--kind", "none")
    assert (done.stdout, done.stderr) == ("", "No entry is of that kind.\n")


@pytest.mark.parametrize(
    ("entry", "code", "said"),
    [
        ("11", 2, "has no entry 11"),
        ("1", 2, "is no answer but log.segment"),
        ("0", 2, "'--entry'"),
    ],
)
def test_what_cannot_be_asked_again(bankft, log, entry, code, said):
    done = bankft("audit", "replay", str(log), "--entry", entry)
    assert (done.returncode, said in done.stderr) == (code, True)
    assert "Traceback" not in done.stderr


def test_an_entry_behind_a_bad_one_is_not_asked_again(bankft, log):
    edit(log, lambda lines: [*lines[:2], *lines[3:]])
    done = bankft("audit", "replay", str(log), "--entry", "5")
    assert (done.returncode, "entry 3, " in done.stderr) == (1, True)


def test_what_is_too_old_goes(bankft, log, tmp_path):
    kept = log / "contents" / "ab"
    kept.mkdir(parents=True)
    old = kept / ("ab" * 32 + ".json")
    old.write_text("{}")
    os.utime(old, (1, 1))
    done = bankft("audit", "expire", str(log), "--days", "1", "--content-days", "30", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"segments": 0, "contents": 1}
    assert not old.exists()
    shown = bankft("audit", "show", str(log), "--kind", "content", "--json").stdout
    assert json.loads(shown)["data"] == {"contents": 1, "days": 30}
    assert bankft("audit", "verify", str(log), "--anchor", "anchor.json").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "--days, --content-days, or both"),
        (["--days", "0"], 2, "'--days'"),
        (["--days", "1", "--key", "none"], 2, "'--key'"),
    ],
)
def test_wrong_use_of_expire(bankft, log, arguments, code, said):
    done = bankft("audit", "expire", str(log), *arguments)
    assert (done.returncode, said in done.stderr) == (code, True)


def test_a_log_that_a_service_writes_is_left_alone(bankft, log, tmp_path):
    key = make_key(tmp_path / "data" / "audit.key")
    with AuditLog(log, key=key):
        done = bankft("audit", "expire", str(log), "--days", "1")
    assert (done.returncode, "Another process writes" in done.stderr) == (2, True)
