"""What is older than it may be goes, and the log says so."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from bankft.audit import AuditLog, Contents, read_entries, retain, verify
from bankft.errors import UsageError

KEY = b"k" * 32


def test_old_entries_and_contents_go_and_the_log_stays_whole(tmp_path):
    contents = Contents(tmp_path / "contents", key=KEY)
    with AuditLog(tmp_path / "log", key=KEY, segment_bytes=1) as log:
        names = [contents.keep({"content": f"第{i}问"}) for i in range(3)]
        for name in names:
            log.append("answer", {"messages": name})
        now = datetime.now(UTC)
        assert retain(log, contents, entry_days=1, content_days=1) == {"segments": 0, "contents": 0}
        later = now + timedelta(days=40)
        os.utime(contents._file(names[2]), (later.timestamp(), later.timestamp()))
        found = retain(log, contents, content_days=30, now=later)
        assert found == {"segments": 0, "contents": 2}
        assert [contents.get(name) is None for name in names] == [True, True, False]
        found = retain(log, contents, entry_days=30, now=later)
        assert found["segments"] >= 3
    assert verify(tmp_path / "log", key=KEY).ok
    last = list(read_entries(tmp_path / "log"))[-1]
    assert last.kind == "log.expired"


def test_what_is_kept_again_is_kept_longer(tmp_path):
    contents = Contents(tmp_path, key=KEY)
    name = contents.keep("保本吗？")
    os.utime(contents._file(name), (1, 1))
    assert contents.keep("保本吗？") == name
    assert contents.expire(before=1e9) == 0
    os.utime(contents._file(name), (1, 1))
    half = contents._file(name).with_name("x.json.1-2.part")
    half.write_text("{")  # a crash left it
    os.utime(half, (1, 1))
    assert contents.expire(before=1e9) == 2


def test_nothing_is_kept_for_no_day(tmp_path):
    with AuditLog(tmp_path / "log", key=KEY) as log, pytest.raises(UsageError, match="one day"):
        retain(log, Contents(tmp_path / "contents", key=KEY), entry_days=0)
