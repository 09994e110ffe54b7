"""Contents beside the log: kept, erased, and the log stays whole."""

import pytest

from bankft.audit import AuditLog, Contents, verify
from bankft.errors import UsageError

KEY = b"k" * 32


def test_erasing_a_content_leaves_the_log_whole(tmp_path):
    contents = Contents(tmp_path / "contents", key=KEY)
    name = contents.keep([{"role": "user", "content": "保本吗？"}])
    with AuditLog(tmp_path / "log", key=KEY) as log:
        log.append("answer", {"question": name})
    assert contents.get(name) == [{"role": "user", "content": "保本吗？"}]
    assert contents.erase(name)
    assert not contents.erase(name)
    assert contents.get(name) is None
    assert verify(tmp_path / "log", key=KEY).ok


def test_the_same_content_has_one_name_and_no_key_no_guess(tmp_path):
    mine, other = (Contents(tmp_path, key=key) for key in (KEY, b"x" * 32))
    assert (
        mine.keep({"a": 1, "b": 2}) == mine.keep({"b": 2, "a": 1}) == mine.digest({"a": 1, "b": 2})
    )
    assert mine.digest("保本吗？") != other.digest("保本吗？")


def test_a_changed_content_is_refused(tmp_path):
    contents = Contents(tmp_path, key=KEY)
    name = contents.keep("真话")
    (file,) = tmp_path.glob("*/*.json")
    file.write_text('"假话"')
    with pytest.raises(UsageError, match="changed"):
        contents.get(name)


@pytest.mark.parametrize(
    "digest", ["", "../../etc/passwd", "hmac-sha256:xyz", "sha256:" + "0" * 64]
)
def test_what_is_no_digest_reaches_no_file(tmp_path, digest):
    with pytest.raises(UsageError, match="digest"):
        Contents(tmp_path, key=KEY).get(digest)


def test_old_contents_expire(tmp_path):
    contents = Contents(tmp_path, key=KEY)
    name = contents.keep("x")
    assert contents.expire(before=0) == 0
    assert contents.expire(before=4e9) == 1
    assert contents.get(name) is None
