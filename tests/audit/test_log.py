"""Writing a log: durable entries, one writer, segments, and what a crash leaves."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from bankft.audit import AuditLog, expire, make_key, read_entries, read_key, verify
from bankft.errors import DataError, UsageError

KEY = b"k" * 32


def test_entries_are_numbered_and_chained(tmp_path):
    with AuditLog(tmp_path / "log", key=KEY) as log:
        assert log.append("route", {"percent": 10}) == 2  # the first says whose log it is
        assert log.append("route", {"to": "基金问答"}) == 3
    entries = list(read_entries(tmp_path / "log"))
    assert [entry.n for entry in entries] == [1, 2, 3]
    assert entries[2].prev == entries[1].digest
    assert entries[2].data == {"to": "基金问答"}
    assert verify(tmp_path / "log", key=KEY).entries == 3


def test_a_log_is_gone_on_with(tmp_path):
    for turn in range(3):
        with AuditLog(tmp_path, key=KEY) as log:
            log.append("turn", {"turn": turn})
    assert [entry.n for entry in read_entries(tmp_path)] == [1, 2, 3, 4]
    assert verify(tmp_path, key=KEY).ok


def test_another_key_does_not_go_on_with_it(tmp_path):
    AuditLog(tmp_path, key=KEY).close()
    with pytest.raises(DataError, match="another key"):
        AuditLog(tmp_path, key=b"x" * 32)


def test_one_writer_at_a_time(tmp_path):
    with AuditLog(tmp_path, key=KEY), pytest.raises(UsageError, match="Another process"):
        AuditLog(tmp_path, key=KEY)
    AuditLog(tmp_path, key=KEY).close()


@pytest.mark.parametrize(
    "data",
    [
        {"value": float("nan")},  # no JSON number
        {"value": {1, 2}},
        {"value": b"bytes"},
        {"value": "x" * 17_000_000},  # longer than an entry may be
    ],
    ids=["nan", "set", "bytes", "long"],
)
def test_what_is_no_json_is_refused_and_nothing_is_written(tmp_path, data):
    with AuditLog(tmp_path, key=KEY) as log:
        with pytest.raises(UsageError, match="is to be logged"):
            log.append_all([("fine", {}), ("bad", data)])
        assert log.append("fine", {}) == 2
    assert verify(tmp_path, key=KEY).ok


def test_half_a_character_is_kept(tmp_path):
    with AuditLog(tmp_path, key=KEY) as log:
        log.append("odd", {"text": "\ud83d"})
    assert list(read_entries(tmp_path))[1].data == {"text": "\ud83d"}
    assert verify(tmp_path, key=KEY).ok


def test_threads_share_the_disk(tmp_path):
    with AuditLog(tmp_path, key=KEY) as log:
        threads = [
            threading.Thread(target=lambda: [log.append("t", {"i": i}) for i in range(25)])
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert verify(tmp_path, key=KEY).entries == 201


def test_segments_follow_each_other(tmp_path):
    with AuditLog(tmp_path, key=KEY, segment_bytes=2000) as log:
        for i in range(50):
            log.append("t", {"i": i}, durable=False)
    files = sorted(tmp_path.glob("audit-*.jsonl"))
    assert len(files) > 3
    assert verify(tmp_path, key=KEY).ok
    assert verify(files[2], key=KEY).ok  # a segment can be checked by itself
    files[1].unlink()
    found = verify(tmp_path, key=KEY)
    assert not found.ok
    assert found.first_bad == found.entries + 1


def test_what_expired_is_told(tmp_path):
    with AuditLog(tmp_path, key=KEY, segment_bytes=2000) as log:
        for i in range(50):
            log.append("t", {"i": i}, durable=False)
    files = sorted(tmp_path.glob("audit-*.jsonl"))
    assert expire(tmp_path, key=KEY, before=date(2001, 1, 1)) == 0
    gone = expire(tmp_path, key=KEY, before=date.today() + timedelta(days=2))
    assert gone == len(files) - 1
    assert verify(tmp_path, key=KEY).ok


def test_segments_that_were_taken_away_are_missed(tmp_path):
    with AuditLog(tmp_path, key=KEY, segment_bytes=2000) as log:
        for i in range(50):
            log.append("t", {"i": i}, durable=False)
    sorted(tmp_path.glob("audit-*.jsonl"))[0].unlink()
    found = verify(tmp_path, key=KEY)
    assert (found.ok, found.first_bad) == (False, 1)


WRITER = """
import sys
from bankft.audit import AuditLog
log = AuditLog(sys.argv[1], key=b"k" * 32)
while True:
    n = log.append("answer", {"text": "x" * 300})
    print(n, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_durable(tmp_path):
    for _ in range(3):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            for _ in range(20):
                told = int(writer.stdout.readline())
            os.kill(writer.pid, signal.SIGKILL)
        found = verify(tmp_path, key=KEY)
        assert found.entries >= told
    AuditLog(tmp_path, key=KEY).close()
    assert verify(tmp_path, key=KEY).ok


def test_a_torn_line_is_taken_out_and_kept(tmp_path):
    with AuditLog(tmp_path, key=KEY) as log:
        log.append("answer", {"n": 1})
    (file,) = tmp_path.glob("audit-*.jsonl")
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"n":3,"at":"2026')
    found = verify(tmp_path, key=KEY)
    assert (found.ok, found.entries, found.first_bad) == (False, 2, 3)
    AuditLog(tmp_path, key=KEY).close()
    assert verify(tmp_path, key=KEY).ok
    assert [entry.kind for entry in read_entries(tmp_path)][-1] == "log.repaired"
    (torn,) = tmp_path.glob("torn-*.bin")
    assert torn.read_bytes() == b'{"n":3,"at":"2026'


def test_a_first_line_that_is_torn(tmp_path):
    AuditLog(tmp_path, key=KEY).close()
    (file,) = tmp_path.glob("audit-*.jsonl")
    file.write_bytes(file.read_bytes()[:20])
    AuditLog(tmp_path, key=KEY).close()
    assert verify(tmp_path, key=KEY).ok


def test_a_key_is_made_once_and_is_its_owner_s_alone(tmp_path):
    key = make_key(tmp_path / "keys" / "audit.key")
    assert len(key) == 32
    assert make_key(tmp_path / "keys" / "audit.key") == key
    if os.name == "posix":
        assert Path(tmp_path / "keys" / "audit.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "00" * 31])
def test_a_key_file_that_holds_none(tmp_path, text):
    (tmp_path / "audit.key").write_text(text)
    with pytest.raises(DataError, match="64 hexadecimal digits"):
        read_key(tmp_path / "audit.key")
