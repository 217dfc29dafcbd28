"""Regular expressions that are compiled when they are first used, and not while a module is imported."""

from __future__ import annotations

import re
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
        # Kept as an attribute of its own: the next use finds it without this.
        found = self.__dict__[name] = getattr(self.compiled(), name)
        return found
