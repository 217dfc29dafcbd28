"""Every pattern of the package takes linear time, by the methods that the package uses it with.

Each is given runs of what it is made of. Twice the text may take twice the time, not four times.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ipython_llmnumbers
from ipython_llmnumbers.patterns import LatePattern

PACKAGE = Path(ipython_llmnumbers.__file__).parent
METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
UNITS = [
    *"9a \n-.{}\"\\'([</_A:,=ekB1!~`|&@#$%*+?>^\t0xé日\u201c",
    *("1.", "a ", "a-", "a/", "a.", "{a", " \n", "\n\n", "aB", "$a", "9,", '\\"', "\\'", "--", "--a ", "a\n"),
    *("- ", "```", "```\n", "``` a\n", "~~~ a\n", '"role" ', '"role"', "user:", "user: \n", "{{", "}}", "1e"),
    *(
        "x1",
        "q4",
        "[[",
        "{a}",
        "a=",
        "a,",
        "(1",
        "blk.",
        "'a' ",
        '"a" ',
        "a:a:",
        "<a",
        "a@",
        "日a",
        "。",
        "「",
    ),
]
# Runs that are no part of the pattern in front of what repeats, and behind it.
AROUND = (("", ""), ("x", ""), ("", "\0"), ("", "x"))
SHORT, LONG = 1_000, 4_000


def patterns() -> Iterator[tuple[str, re.Pattern[Any], str]]:
    """Where each pattern stands, the pattern, and a method that it is used with."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).with_suffix("")
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            method, of = node.func.attr, node.func.value
            if method not in METHODS:
                continue
            where = f"{name}:{node.lineno}"
            if isinstance(of, ast.Name) and of.id == "re" and isinstance(node.args[0], ast.Constant):
                yield where, re.compile(node.args[0].value), method
            elif isinstance(of, ast.Name) and name.name != "__main__":
                module = importlib.import_module(".".join((PACKAGE.name, *name.parts)))
                for pattern in in_value(getattr(module, of.id, None)):
                    yield where, pattern, method


def in_value(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, LatePattern):
        yield value.compiled()
    elif isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from in_value(each)


def seconds(pattern: re.Pattern[Any], method: str, text: str) -> float:
    data: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    how = getattr(pattern, method)
    begin = time.process_time()
    for _ in range(2):
        found = how("", data) if method in ("sub", "subn") else how(data)
        if method == "finditer":
            list(found)
    return time.process_time() - begin


def is_linear(pattern: re.Pattern[Any], method: str, unit: str, around: tuple[str, str]) -> bool:
    """Judged only where it takes some milliseconds, and then three times: a machine may be busy."""
    short, long = (around[0] + unit * (n // len(unit)) + around[1] for n in (SHORT, LONG))
    for _ in range(3):
        shorter = seconds(pattern, method, short)
        if shorter > 1:
            return False
        longer = seconds(pattern, method, long)
        if longer < 0.01 or longer < 8 * shorter:
            return True
    return False


ALL = list(
    {
        (pattern.pattern, pattern.flags, method): (where, pattern, method)
        for where, pattern, method in patterns()
    }.values()
)


def test_the_patterns_are_found():
    assert len(ALL) > 60


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "method"), [each[1:] for each in ALL], ids=[f"{where}-{method}" for where, _, method in ALL]
)
def test_a_pattern_takes_linear_time(pattern, method):
    words = re.sub(r"\W+", " ", str(pattern.pattern)).split()
    for unit in dict.fromkeys((*UNITS, *words)):
        for around in AROUND:
            assert is_linear(pattern, method, unit, around), (unit, around)
