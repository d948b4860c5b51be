"""Reading JSON without losing a digit of a key."""

import json
import re
from typing import Any

import orjson

# orjson turns an integer beyond 64 bits into a float without a word. Twenty digits outside of a string are the least
# that can be one; inside of a string they only cost the slower reader.
_MAYBE_TOO_BIG = re.compile(rb"[0-9]{20}")
_BOM = b"\xef\xbb\xbf"


def loads(body: bytes) -> Any:
    """The value of a JSON text; integers are exact, however long. Raises ValueError when it is none."""
    body = body.removeprefix(_BOM)
    if _MAYBE_TOO_BIG.search(body):
        return json.loads(body)
    return orjson.loads(body)
