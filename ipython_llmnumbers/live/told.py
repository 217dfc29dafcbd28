"""What a notebook tells the live line of itself: its settings, and its plain variables.

The line is counted in a process that must run none of the notebook's code. So a variable is told only
if its type is one that JSON has, and by the type itself: of a subclass, a property or a column the
line says that it is read when the cell runs. The notebook makes what it tells after a cell has run,
never while somebody types.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import LaterError

# What a cell's magic may leave out, as the settings editor names it.
DEFAULTS = ("model", "currency", "rate", "language")
# All values together, as JSON; the newest first. A request of the line has 1 MB for them and the cell.
MOST_VARIABLES_BYTES = 200_000
_MOST_DEPTH = 8
# JSON's readers elsewhere may take a longer one for a fraction.
_MOST_INT = 2**53
# A part of a name, of a variable or a key, that stands for a secret: its value is not told.
_SECRETS = {"key", "apikey", "token", "secret", "password", "passwd", "credential", "credentials", "auth"}
_PARTS = re.compile(r"[^\W_]+")
# `apiKey` is two words.
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d]\w*")

Told = dict[str, str | None]


def settings_of(settings: Any) -> dict[str, str]:
    """The notebook's defaults."""
    return {name: getattr(settings, name) for name in DEFAULTS}


def variables_of(shell: Any) -> Told:
    """The notebook's variables: each with its value as JSON, or None where that is not told.

    Left out are names that begin with `_`, and what the shell has put there itself.
    """
    left = MOST_VARIABLES_BYTES
    found: Told = {}
    hidden = shell.user_ns_hidden
    # A copy: another thread may set one meanwhile.
    for name, value in reversed(list(shell.user_ns.items())):
        if name.startswith("_") or (name in hidden and hidden[name] is value):
            continue
        text = None if _is_secret(name) else _json(value, left)
        found[name] = text
        left -= len(name) + len(text or "")
        if left < 0:
            # So many names that not even they can be told: without them, none is known to be missing.
            return {}
    return found


def named_in(cell: str, variables: Told) -> Told:
    """The variables that a cell can name: the others need not be sent along."""
    words = set(_WORD.findall(cell)) if variables else set()
    return {name: text for name, text in variables.items() if name in words}


class ToldVariables(Mapping[str, Any]):
    """A notebook's variables as it told them, for a cell that is typed.

    >>> variables = ToldVariables({"n": 3, "table": None}, touched={"n"})
    >>> "n" in variables, "other" in variables
    (True, False)
    >>> variables["table"]
    Traceback (most recent call last):
    ipython_llmnumbers.errors.LaterError: table is read when the cell runs
    """

    def __init__(self, values: Mapping[str, Any], touched: frozenset[str] | set[str] = frozenset()) -> None:
        """`values` holds None where none was told, else the JSON; `touched` the names that the cell uses
        otherwise, so that what they hold when the magic runs is not known."""
        self._values, self._touched = values, touched

    def __getitem__(self, name: str) -> Any:
        if name in self._touched:
            raise LaterError("{variable} may change in this cell; it is read when the cell runs", variable=name)
        text = self._values[name]
        if text is None:
            raise LaterError("{variable} is read when the cell runs", variable=name)
        return json.loads(text)

    def __contains__(self, name: object) -> bool:
        return name in self._values or name in self._touched

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _json(value: Any, most_chars: int) -> str | None:
    """A value as JSON, if it is plain, is no longer than that, and holds no secret."""
    if not _is_plain(value, [most_chars], _MOST_DEPTH):
        return None
    try:
        text = json.dumps(value)
    except (ValueError, RuntimeError, RecursionError):  # another thread changes it meanwhile
        return None
    return text if len(text) <= most_chars else None


def _is_plain(value: Any, left: list[int], depth: int) -> bool:
    """Whether JSON has a value's very type: a subclass may run code when it is read.

    `left` holds how many characters may still come, so that a list of millions is not walked through.
    """
    kind = type(value)
    left[0] -= len(value) if kind is str else 1
    if left[0] < 0 or depth < 0:
        return False
    if kind is list:
        return all(_is_plain(each, left, depth - 1) for each in value)
    if kind is dict:
        return all(
            type(key) is str and not _is_secret(key) and _is_plain(each, left, depth - 1)
            for key, each in list(value.items())
        )
    if kind is int:
        return -_MOST_INT <= value <= _MOST_INT
    return kind in (str, bool, type(None)) or (kind is float and math.isfinite(value))


def _is_secret(name: str) -> bool:
    """Whether a name is one of a secret's: `OPENAI_API_KEY`, `hf_token`, `apiKey`; not `tokens`.

    >>> [_is_secret(name) for name in ("OPENAI_API_KEY", "apiKey", "tokens", "prompt")]
    [True, True, False, False]
    """
    return not _SECRETS.isdisjoint(part.casefold() for part in _PARTS.findall(_HUMP.sub("_", name)))
