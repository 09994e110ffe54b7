"""Keys: who gets in, and which addresses need them."""

import pytest

from bankft.service.auth import Keys, is_loopback

pytestmark = pytest.mark.service


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer one", ...),
        ("bearer two", ...),  # the scheme is written as one likes
        ("Bearer  one ", ...),
        (None, None),
        ("", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic one", None),
        ("one", None),
        ("Bearer on", "invalid_api_key"),
        ("Bearer one,two", "invalid_api_key"),
        ("Bearer \udcff", "invalid_api_key"),  # what is no UTF-8
    ],
)
def test_configured_keys(header, code):
    refusal = Keys(["one", " two ", ""]).check(header)
    if code is ...:
        assert refusal is None
    else:
        assert (refusal.status, refusal.error["code"]) == (401, code)


def test_without_keys_any_key_but_not_none():
    keys = Keys([""])
    assert not keys
    assert keys.check("Bearer anything") is None
    assert keys.check(None).status == 401


def test_keys_are_not_kept():
    assert "secret" not in repr(vars(Keys(["secret"])))


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("bank.example", False),
        ("", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_loopback(host, answer):
    assert is_loopback(host) is answer
