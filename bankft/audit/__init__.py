"""The audit log: append-only, chained, keyed, and able to prove that it is whole.

Every entry holds the hash of the one before it and a keyed checksum (HMAC-SHA256) of itself, so
an edit, a deletion, an insertion or a new order is found by whoever has the key (`verify`), and
the first bad entry is named. What was cut off at the end is found by an *anchor*: a small file
with the number of entries and the hash of the last one, kept where the log's owner cannot write.

What people said does not stand in the log. It lies beside it (`Contents`), and the log has its
keyed digest: it can be erased, and the log stays whole.

>>> import tempfile
>>> folder = tempfile.mkdtemp()
>>> with AuditLog(folder, key=b"k" * 32) as log:
...     _ = log.append("approval", {"model": "fund-bot-v1", "by": "risk-officer"})
>>> verify(folder, key=b"k" * 32).ok
True
"""

from bankft.audit.checking import Verification, verify
from bankft.audit.contents import Contents
from bankft.audit.entries import Entry, read_entries
from bankft.audit.keys import find_key, key_id, make_key, read_key
from bankft.audit.log import AuditLog
from bankft.audit.retention import retain

__all__ = [
    "AuditLog",
    "Contents",
    "Entry",
    "Verification",
    "find_key",
    "key_id",
    "make_key",
    "read_entries",
    "read_key",
    "retain",
    "verify",
]
