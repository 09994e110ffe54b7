"""``bankft release`` without a service that knows it: wrong use, and what it asks for.

What it does with one is tested in ``tests/wire/test_releases.py``.
"""

import pytest


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["canary", "bot", "m"], 2, "'--percent'"),
        (["canary", "bot", "m", "--percent", "101"], 2, "101"),
        (["canary", "bot", "m", "--percent", "1", "--limit", "rate=1"], 2, "'rate=1' is no limit"),
        (["canary", "bot", "m", "--percent", "1", "--limit", "seconds=x"], 2, "is no limit"),
        (["rollback", "bot"], 2, "'--reason'"),
        (["stop", "bot"], 2, "'--reason'"),
        (["guard", "bot", "shout"], 2, "'shout'"),
        (["add", "m", "--gate", "none.json"], 2, "does not exist"),
        (["add", "m", "--gate", "list.json"], 1, "not a JSON object"),
        (["add", "m", "--gate", "no.json"], 1, "cannot be read as JSON"),
        (["propose", "m"], 1, "HTTP 404"),  # a host that has no releases
    ],
)
def test_wrong_use(bankft, tmp_path, arguments, code, said):
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "no.json").write_text("{")
    done = bankft("release", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
