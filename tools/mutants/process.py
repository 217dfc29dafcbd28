"""A mutant in a running process: which of its functions get which code, and its caches."""

from __future__ import annotations

import functools
import gc
import inspect
from collections import defaultdict
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from . import PACKAGE, ROOT
from .changes import Mutant

# The order of imports, from the bottom: a cache below the mutant's room cannot hold a value of it.
ROOMS = (
    "messages",
    "errors",
    "figures",
    "formulas",
    "catalog",
    "probes",
    "prompts_in_code",
    "estimates",
    "render",
    "usage",
    "notebooks",
    "magics",
    "live",
)


def changed_code(original: CodeType, mutated: CodeType) -> tuple[CodeType, CodeType] | None:
    """The function's code that differs, before and after; None if nothing does but what an import runs."""
    if original.co_code != mutated.co_code or len(original.co_consts) != len(mutated.co_consts):
        return None
    for old, new in zip(original.co_consts, mutated.co_consts, strict=True):
        if _same(old, new):
            continue
        if not isinstance(old, CodeType) or not isinstance(new, CodeType):
            return None
        return (old, new) if old.co_flags & inspect.CO_OPTIMIZED else changed_code(old, new)
    return None


def _same(one: object, other: object) -> bool:
    """Whether two constants are equal; two codes are if they do the same, wherever their lines are."""
    if not isinstance(one, CodeType) or not isinstance(other, CodeType):
        return repr(one) == repr(other)
    parts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_exceptiontable")
    return (
        all(getattr(one, part) == getattr(other, part) for part in parts)
        and len(one.co_consts) == len(other.co_consts)
        and all(map(_same, one.co_consts, other.co_consts))
    )


def package_caches() -> list[Any]:
    """Each function of the package in this process that keeps its results."""
    return [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, functools._lru_cache_wrapper)
        and (thing.__module__ or "").partition(".")[0] == PACKAGE.name
    ]


Found = tuple[list[FunctionType], CodeType]


class Process:
    """The functions and the caches of the package in this process."""

    def __init__(self) -> None:
        gc.collect()
        self._functions: dict[tuple[str, CodeType], list[FunctionType]] = defaultdict(list)
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(str(PACKAGE)):
                self._functions[thing.__code__.co_filename, thing.__code__].append(thing)
        self._caches = [(_height(cache.__module__.partition(".")[2]), cache) for cache in package_caches()]

    def find(self, mutant: Mutant) -> Found | None:
        """The functions that the mutant changes, and their new code; None if no function here changes."""
        path = ROOT / mutant.file
        original = compile(path.read_text("utf-8"), str(path), "exec", dont_inherit=True)
        try:
            mutated = compile(mutant.text, str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
        pair = changed_code(original, mutated)
        if pair is None or len(pair[0].co_freevars) != len(pair[1].co_freevars):
            return None
        functions = self._functions.get((str(path), pair[0]))
        return (functions, pair[1]) if functions else None

    def put(self, mutant: Mutant, found: Found) -> None:
        """Change the functions, and empty each cache that may hold a value of them."""
        functions, code = found
        for function in functions:
            function.__code__ = code
        height = _height(Path(mutant.file).relative_to(PACKAGE.name).parts[0].removesuffix(".py"))
        for cache_height, cache in self._caches:
            if cache_height >= height:
                cache.cache_clear()


def _height(module: str) -> int:
    room = module.split(".")[0]
    return ROOMS.index(room) if room in ROOMS else len(ROOMS)
