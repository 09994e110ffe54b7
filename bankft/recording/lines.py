"""One line of a recording: JSON on one line, Chinese as Chinese."""

import json
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")


def dump(value: Any) -> str:
    r"""Write JSON compactly, keys in their order, only half characters (``\ud800``) escaped.

    >>> dump({"b": "保本", "a": [1, 2.0]})
    '{"b":"保本","a":[1,2.0]}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
