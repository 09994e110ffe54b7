"""Tamper with an audit log 10,000 times at random: how much of it is found?

Byte flips, cuts, swaps and doublings of lines, truncations; each is checked with the key, with
the anchor and without. With the anchor all are found that change what it counts. Without it only
one kind is not: a log that ends earlier, after a whole entry.

Run: ``python benchmarks/experiments/tampering.py [N]``
"""

import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bankft.audit import AuditLog, verify

KEY = b"k" * 32
ENTRIES = 40
WAYS = ("flip", "cut", "swap", "double", "truncate", "truncate at a line")


def tampered(plain: bytes, way: str, choose: random.Random) -> bytes:
    """Return the log, changed in a way."""
    lines = plain.splitlines(keepends=True)
    at = choose.randrange(len(plain))
    if way == "flip":
        return plain[:at] + bytes([plain[at] ^ (1 << choose.randrange(8))]) + plain[at + 1 :]
    if way == "cut":
        return plain[:at] + plain[at + choose.randint(1, 400) :]
    if way == "truncate":
        return plain[:at]
    i, j = sorted(choose.sample(range(len(lines)), 2))
    if way == "swap":
        lines[i], lines[j] = lines[j], lines[i]
        return b"".join(lines)
    if way == "double":
        return b"".join([*lines[:i], lines[i], *lines[i:]])
    return b"".join(lines[:j])


def main(n: int) -> None:
    """Count what is found, by way."""
    done: Counter[str] = Counter()
    found: Counter[tuple[str, bool]] = Counter()
    missed_whole = 0  # without the anchor: those that end after a whole entry
    choose = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        anchor, log = Path(folder, "anchor.json"), Path(folder, "log.jsonl")
        with AuditLog(Path(folder, "log"), key=KEY, anchor=anchor) as opened:
            for i in range(1, ENTRIES):
                opened.append("answer", {"i": i, "verdict": "ok"}, durable=False)
        (original,) = Path(folder, "log").glob("audit-*.jsonl")
        plain = original.read_bytes()
        for _ in range(n):
            way = choose.choice(WAYS)
            changed = tampered(plain, way, choose)
            log.write_bytes(changed)
            done[way] += 1
            for anchored in (True, False):
                caught = not verify(log, key=KEY, anchor=anchor if anchored else None).ok
                found[way, anchored] += caught
                if not caught:
                    assert not anchored, (way, "was not found in spite of the anchor")
                    assert plain.startswith(changed)
                    assert changed.endswith(b"\n")
                    missed_whole += 1
    told = {
        way: {
            "n": done[way],
            "found_with_anchor": found[way, True],
            "found_without": found[way, False],
        }
        for way in WAYS
    }
    print(json.dumps({"n": n, "ways": told, "missed_without_anchor": missed_whole}, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
