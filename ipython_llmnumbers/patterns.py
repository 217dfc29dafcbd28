"""Regular expressions and globs, compiled when they are first used and not while a module is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, AnyStr, cast


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`, for a pattern of a module. `tests/hostile/test_patterns.py` compiles and tries each.

    >>> pattern(r"(\\d+) tokens").search("about 300 tokens")[1]
    '300'
    """
    return cast("re.Pattern[AnyStr]", LatePattern(text, flags))


class LatePattern:
    """Has what a compiled pattern has, once that was asked for."""

    def __init__(self, text: Any, flags: int) -> None:
        self._arguments = (text, flags)

    def compiled(self) -> re.Pattern[Any]:
        return re.compile(*self._arguments)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # `copy` and `pickle` look for these on an object without attributes
            raise AttributeError(name)
        # Kept as an attribute of its own: the next use finds it without this.
        found = self.__dict__[name] = getattr(self.compiled(), name)
        return found


def matches(name: str, globs: Iterable[str]) -> bool:
    """Whether one of the globs means a name, capitals told apart.

    >>> matches("gpt-4o-mini", ["o3", "gpt-4o*"]), matches("gpt-4", ["gpt-4-*", "gpt-[56]*", "gpt-?"])
    (True, True)
    """
    return any(_matches(name, glob) for glob in globs)


def _matches(name: str, glob: str) -> bool:
    # Most are a name, or the beginning of one: no pattern need be compiled for these.
    start, star, rest = glob.partition("*")
    if "?" in glob or "[" in glob:
        return fnmatchcase(name, glob)
    if not star or not name.startswith(start):
        return name == glob
    return not rest or fnmatchcase(name, glob)
