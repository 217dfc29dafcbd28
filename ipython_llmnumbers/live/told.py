"""What a notebook tells the live line of itself: its settings, and its plain variables.

The line is counted in a process that must run none of the notebook's code. So a variable is told only
if its type is one that JSON has, and by the type itself: of a subclass, a property or a column the
line says that it is read when the cell runs. The notebook makes what it tells after a cell has run,
or when a setting changes, never while somebody types.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import LaterError
from ..patterns import pattern
from ..records import dataclass

if TYPE_CHECKING:
    from .cell import Around

# What a cell's magic may leave out, as the settings editor names it.
DEFAULTS = ("model", "currency", "rate", "language")
# All values together, as JSON; the newest first. A request of the line has 1 MB for them and the cell.
MOST_VARIABLES_BYTES = 200_000
# So that a list of millions, or a thousand of them, does not slow down each cell.
_MOST_STEPS = 50_000
_MOST_NAMES = 5_000
_MOST_DEPTH = 8
# JSON's readers elsewhere may take a longer one for a fraction.
_MOST_INT = 2**53
# A part of a name, of a variable or a key, that stands for a secret: its value is not told.
_SECRETS = {"key", "apikey", "token", "secret", "password", "passwd", "credential", "credentials", "auth"}
_PARTS = pattern(r"[^\W_]+")
# `apiKey` is two words.
_HUMP = pattern(r"(?<=[a-z])(?=[A-Z])")
_WORD = pattern(r"[^\W\d]\w*+")

Variables = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Told:
    """What a notebook has told: its defaults, and its variables by name.

    The value of a variable is its JSON, or None where it is not told.
    """

    settings: Mapping[str, str]
    variables: Variables

    def request(self, cell: str) -> dict[str, Any]:
        """What the process that counts is asked: the cell, the defaults, the variables that it names."""
        return {"text": cell, **self.settings, "variables": _named_in(cell, self.variables)}


class Notebook:
    """A shell that tells: when it begins, when a setting changes, and after each cell."""

    def __init__(self, shell: Any, settings: Any, tell: Callable[[Told], None]) -> None:
        self._shell, self._settings, self._tell = shell, settings, tell

    def start(self) -> None:
        self._shell.events.register("post_execute", self.read)
        self._settings.observe(self._changed, DEFAULTS)
        self.read()

    def stop(self) -> None:
        self._shell.events.unregister("post_execute", self.read)
        self._settings.unobserve(self._changed, DEFAULTS)

    def read(self) -> None:
        """Tell what there is now."""
        settings = {name: getattr(self._settings, name) for name in DEFAULTS}
        self._tell(Told(settings, variables_of(self._shell)))

    def _changed(self, _change: object) -> None:
        self.read()


def variables_of(shell: Any) -> dict[str, str | None]:
    """The notebook's newest variables: each with its value as JSON, or None where that is not told.

    Left out are names that begin with `_`, and what the shell has put there itself.
    """
    reader = _Reader()
    found: dict[str, str | None] = {}
    hidden = shell.user_ns_hidden
    # A copy: another thread may set one meanwhile.
    for name, value in reversed(list(shell.user_ns.items())):
        if name.startswith("_") or (name in hidden and hidden[name] is value):
            continue
        if len(found) == _MOST_NAMES:
            break
        found[name] = None if is_secret(name) else reader.json(value)
    return found


class ToldVariables(Mapping[str, Any]):
    """A notebook's variables as it told them, for a magic of a cell that is typed.

    >>> from .cell import Around
    >>> variables = ToldVariables({"n": "3", "table": None}, Around(bound=frozenset({"new"})))
    >>> variables["n"], "new" in variables, "other" in variables
    (3, True, False)
    >>> variables["table"]
    Traceback (most recent call last):
    ipython_llmnumbers.errors.LaterError: table is read when the cell runs
    """

    def __init__(self, values: Variables, around: Around) -> None:
        self._values, self._around = values, around

    def __getitem__(self, name: str) -> Any:
        from ..files.formats import parse_json

        if self._around.binds(name):
            raise _may_change(name)
        text = self._values[name]
        if text is None:
            raise LaterError("{variable} is read when the cell runs", variable=name)
        value = parse_json(text)
        # What the cell only mentions may be changed in place.
        if isinstance(value, list | dict) and name in self._around.named:
            raise _may_change(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._values or (isinstance(name, str) and self._around.binds(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class _Reader:
    """Writes values as JSON until there are enough."""

    def __init__(self) -> None:
        self._left, self._steps = MOST_VARIABLES_BYTES, _MOST_STEPS

    def json(self, value: Any) -> str | None:
        """A value as JSON, if it is plain and there is room for it."""
        if not self._is_plain(value, [self._left], _MOST_DEPTH):
            return None
        try:
            text = json.dumps(value)
        except (ValueError, RuntimeError, RecursionError):  # another thread changes it meanwhile
            return None
        if len(text) > self._left:
            return None
        self._left -= len(text)
        return text

    def _is_plain(self, value: Any, chars: list[int], depth: int) -> bool:
        """Whether JSON has a value's very type: a subclass may run code when it is read.

        `chars` holds how many may still come in this value, before any of it is written.
        """
        kind = type(value)
        self._steps -= 1
        chars[0] -= len(value) if kind in (str, list, dict) else 1
        if self._steps < 0 or chars[0] < 0 or depth < 0:
            return False
        if kind is list:
            return all(self._is_plain(each, chars, depth - 1) for each in value)
        if kind is dict:
            return all(
                type(key) is str and not is_secret(key) and self._is_plain(each, chars, depth - 1)
                for key, each in list(value.items())
            )
        if kind is int:
            return bool(-_MOST_INT <= value <= _MOST_INT)
        return kind in (str, bool, type(None)) or (kind is float and math.isfinite(value))


def is_secret(name: str) -> bool:
    """Whether a name is one of a secret's: `OPENAI_API_KEY`, `hf_token`, `apiKey`; not `tokens`.

    >>> [is_secret(name) for name in ("OPENAI_API_KEY", "apiKey", "tokens", "prompt")]
    [True, True, False, False]
    """
    return not _SECRETS.isdisjoint(part.casefold() for part in _PARTS.findall(_HUMP.sub("_", name)))


def _may_change(name: str) -> LaterError:
    return LaterError("{variable} may change in this cell; it is read when the cell runs", variable=name)


def _named_in(cell: str, variables: Variables) -> dict[str, str | None]:
    """The variables that a cell can name: the others need not be sent along."""
    words = set(_WORD.findall(cell)) if variables else set()
    return {name: text for name, text in variables.items() if name in words}
