"""Tampering is found, and the first bad entry is named."""

import random

import pytest

from bankft.audit import AuditLog, verify
from bankft.errors import DataError

KEY = b"k" * 32
ENTRIES = 30


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    with AuditLog(folder / "log", key=KEY, anchor=folder / "anchor.json") as opened:
        for i in range(1, ENTRIES):
            opened.append("answer", {"i": i, "text": "基金有风险，投资需谨慎。"}, durable=False)
    return folder


@pytest.fixture
def tamper(log, tmp_path):
    """Return a function that verifies changed bytes, with the anchor or without."""
    (original,) = (log / "log").glob("audit-*.jsonl")

    def verified(plain, *, anchor=True, key=KEY):
        (tmp_path / "log.jsonl").write_bytes(plain)
        kept = log / "anchor.json" if anchor else None
        return verify(tmp_path / "log.jsonl", key=key, anchor=kept)

    return original.read_bytes(), verified


def test_a_whole_log(tamper):
    plain, verified = tamper
    found = verified(plain)
    assert (found.ok, found.entries, found.first_bad, found.anchored) == (True, 30, None, 30)
    assert found.keyed


@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        (lambda lines: lines[:4] + lines[5:], 5),  # one deleted
        (lambda lines: [*lines[:4], lines[3], *lines[4:]], 5),  # one written twice
        (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], 5),  # two swapped
        (lambda lines: lines[1:], 1),  # the beginning cut off
        (lambda lines: [*lines[:4], b"\n", *lines[4:]], 5),  # an empty line
        (lambda lines: [*lines[:4], b" " + lines[4], *lines[5:]], 5),  # a space
        (lambda lines: [*lines[:4], lines[4][:-1], *lines[5:]], 5),  # two lines joined
        (lambda lines: [*lines[:4], lines[4][:-1] + b"\r\n", *lines[5:]], 5),  # another line end
        (lambda lines: [*lines[:4], lines[4].replace(b'"i":4', b'"i":5'), *lines[5:]], 5),
        (lambda lines: lines, None),
        (lambda lines: [*lines[:4], lines[4].upper(), *lines[5:]], 5),
        (lambda lines: [*lines, lines[4]], 31),  # an old entry put at the end
        (lambda lines: [], 1),  # nothing left
    ],
)
def test_the_first_bad_entry_is_named(tamper, change, first_bad):
    plain, verified = tamper
    found = verified(b"".join(change(plain.splitlines(keepends=True))), anchor=False)
    assert found.first_bad == first_bad
    assert found.ok == (first_bad is None)
    assert bool(found.reason) != found.ok


def test_what_is_cut_off_at_the_end_is_found_by_the_anchor_alone(tamper):
    plain, verified = tamper
    cut = b"".join(plain.splitlines(keepends=True)[:20])
    assert verified(cut, anchor=False).ok
    found = verified(cut)
    assert (found.ok, found.entries, found.first_bad) == (False, 20, 21)


def test_a_log_written_anew_without_the_key(tamper, tmp_path):
    _, verified = tamper
    with AuditLog(tmp_path / "forged", key=b"x" * 32) as forged:
        for i in range(1, ENTRIES):
            forged.append("answer", {"i": i})
    (file,) = (tmp_path / "forged").glob("audit-*.jsonl")
    assert verified(file.read_bytes(), anchor=False).first_bad == 1
    assert verified(file.read_bytes(), anchor=False, key=None).ok  # the chain alone tells nothing
    assert not verified(file.read_bytes(), key=None).ok  # the anchor does


@pytest.mark.parametrize("seed", range(5))
def test_two_thousand_random_tamperings(tamper, seed):
    """Byte flips, cuts, swaps of lines, truncations: each is found, up to the anchor's count."""
    plain, verified = tamper
    lines = plain.splitlines(keepends=True)
    choose = random.Random(seed)
    for _ in range(400):  # five times; 10,000 by benchmarks/experiments/tampering.py
        way = choose.choice(["flip", "cut", "swap", "truncate", "double"])
        if way == "flip":
            at = choose.randrange(len(plain))
            changed = bytes([plain[at] ^ (1 << choose.randrange(8))])
            new = plain[:at] + changed + plain[at + 1 :]
        elif way == "cut":
            at = choose.randrange(len(plain))
            new = plain[:at] + plain[at + choose.randint(1, 400) :]
        elif way == "swap":
            i, j = choose.sample(range(len(lines)), 2)
            swapped = list(lines)
            swapped[i], swapped[j] = lines[j], lines[i]
            new = b"".join(swapped)
        elif way == "truncate":
            new = plain[: choose.randrange(len(plain))]
        else:
            i = choose.randrange(len(lines))
            new = b"".join([*lines[:i], lines[i], *lines[i:]])
        assert not verified(new).ok, way


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"log": 1, "entries": "x", "head": 1, "mac": 1}']
)
def test_what_is_no_anchor(log, tmp_path, text):
    (tmp_path / "anchor.json").write_text(text)
    with pytest.raises(DataError, match="no anchor"):
        verify(log / "log", key=KEY, anchor=tmp_path / "anchor.json")


def test_an_anchor_that_was_changed(log, tmp_path):
    text = (log / "anchor.json").read_text().replace('"entries": 30', '"entries": 20')
    (tmp_path / "anchor.json").write_text(text)
    found = verify(log / "log", key=KEY, anchor=tmp_path / "anchor.json")
    assert (found.ok, found.reason) == (False, "the anchor's own checksum does not fit")


def test_there_is_no_log(tmp_path):
    with pytest.raises(DataError, match="no audit log"):
        verify(tmp_path, key=KEY)
    with pytest.raises(DataError, match="no audit log"):
        verify(tmp_path / "none.jsonl", key=KEY)
