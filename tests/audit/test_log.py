"""Writing a log: durable entries, one writer, segments, and what a crash leaves."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from bankft.audit import AuditLog, make_key, read_entries, read_key, verify
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


def test_threads_go_on_while_one_begins_the_next_segment(tmp_path):
    """An fsync may still be under way for the file that is closed then."""
    with (
        AuditLog(tmp_path / "log", key=KEY, segment_bytes=500, anchor=tmp_path / "anchor",
                 anchor_every=3) as log,
        ThreadPoolExecutor(8) as pool,
    ):  # fmt: skip
        numbers = list(pool.map(lambda i: log.append("t", {"i": i}), range(200)))
    assert len(set(numbers)) == 200
    assert len(list((tmp_path / "log").glob("audit-*.jsonl"))) > 50
    found = verify(tmp_path / "log", key=KEY, anchor=tmp_path / "anchor")
    assert (found.ok, found.anchored) == (True, found.entries)


FULL = """
import resource, sys
from bankft.audit import AuditLog
log = AuditLog(sys.argv[1], key=b"k" * 32)
log.append("fits", {})
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
try:
    log.append_all([("long", {"text": "x" * 2000}), ("more", {})])
except OSError:
    print("refused")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(log.append("fits again", {}))
log.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")
def test_a_full_disk_spoils_nothing(tmp_path):
    """Half of an entry was written: it is taken out, and the log goes on."""
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("refused\n3\n", "")
    assert verify(tmp_path, key=KEY).ok
    assert [one.kind for one in read_entries(tmp_path)][1:] == ["fits", "fits again"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: lines[:3],  # cut off at the end
        lambda lines: [],
        lambda lines: None,  # the whole log is gone, and another is begun
    ],
)
def test_a_log_that_its_anchor_does_not_vouch_for_is_not_gone_on_with(tmp_path, tamper):
    """Else the next anchor would hide what was cut off."""
    anchor = tmp_path / "anchor.json"
    with AuditLog(tmp_path / "log", key=KEY, anchor=anchor) as log:
        for i in range(5):
            log.append("t", {"i": i})
    vouched = anchor.read_bytes()
    AuditLog(tmp_path / "log", key=KEY, anchor=anchor).close()  # as it was: fine
    (file,) = (tmp_path / "log").glob("audit-*.jsonl")
    left = tamper(file.read_bytes().splitlines(keepends=True))
    if left is None:
        file.unlink()
    else:
        file.write_bytes(b"".join(left))
    with pytest.raises(DataError, match=r"not the one that the anchor anchor\.json vouches for"):
        AuditLog(tmp_path / "log", key=KEY, anchor=anchor)
    assert anchor.read_bytes() == vouched


def test_a_day_begins_a_segment_so_that_days_can_expire(tmp_path, monkeypatch):
    with monkeypatch.context() as clock:
        days = iter(["2026-01-01", "2026-01-01", "2026-01-01", "2026-01-02", "2026-01-02"])
        last = ["2026-01-02"]
        clock.setattr("bankft.audit.log._now", lambda: f"{next(days, last[0])}T00:00:00.000Z")
        with AuditLog(tmp_path, key=KEY) as log:
            for i in range(4):
                log.append("t", {"i": i})
            assert log.expire(date(2026, 1, 1)) == 0
            assert log.expire(date(2026, 1, 2)) == 1
    assert verify(tmp_path, key=KEY).ok
    assert {one.at[:10] for one in read_entries(tmp_path)} == {"2026-01-02"}


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
    with AuditLog(tmp_path, key=KEY) as log:
        assert log.expire(date(2001, 1, 1)) == 0
        gone = log.expire(date.today() + timedelta(days=2))
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
