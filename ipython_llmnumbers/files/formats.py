"""Parse JSON, YAML and TOML within the same limits of size, depth, numbers and aliases.

A parser that recurses is never given a text nested deeper than it can return from: brackets are
counted before. Where a format has a parser in C, it is used.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from ..messages import say, shorten
from ..patterns import pattern
from .encodings import decoded

DEEPEST = 64
"""Levels that lists and objects may be nested; providers' requests and models' files have a handful."""

MOST_YAML_CHARS = 2_000_000
# PyYAML without libyaml reads some 100 kB a second.
_MOST_SLOW_YAML_CHARS = 200_000

# A bracket, with everything before it: what is within a string, closed or not, nests nothing. Possessive,
# and it also matches at the end, so that no character is read twice.
_JSON_MARKS = pattern(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"?)*+(?:[\[\]{}]|\Z)', re.DOTALL)
_TOML_MARKS = pattern(
    r'"""(?:[^"\\]++|\\.|""?(?!"))*+(?:""")?|\'\'\'(?:[^\']++|\'\'?(?!\'))*+(?:\'\'\')?'
    r'|"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?|#[^\n]*+|[\[\]{}]',
    re.DOTALL,
)
# A float holds every whole number of so many digits.
_MOST_DIGITS = 308
# tomllib takes quadratic time for a key of many parts.
_LONG_KEY = pattern(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}")

# The standard library's parser without what `json.loads` does around it, which takes as long for a short row.
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_LINE_ENDS = ("\n", "", "\r\n")


class FormatError(ValueError):
    """A text that is not well formed, or beyond a limit; `problem` says what and where.

    The caller knows what the text is and what to do about it, and says that around it.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def parse_json(text: str | bytes, *, unique_keys: bool = False) -> Any:
    """The value of a JSON text; NaN and Infinity, which are not JSON, are refused.

    Args:
        text: bytes are UTF-8, or what their byte order mark says.
        unique_keys: refuse an object that has a key twice, of which Python keeps the last.

    Raises:
        FormatError: not JSON, nested deeper than `DEEPEST`, or with a number that no float can hold.

    >>> parse_json('{"role": "user"}')
    {'role': 'user'}
    """
    try:
        if isinstance(text, bytes):
            text = decoded(text)
        check_json_depth(text)
        hook = _with_unique_keys if unique_keys else None
        return json.loads(
            text, parse_constant=_no_constant, parse_float=_number, parse_int=_whole, object_pairs_hook=hook
        )
    except json.JSONDecodeError as error:
        raise FormatError(_at(error.lineno, error.colno, error.msg)) from None
    except UnicodeDecodeError as error:
        raise _not_decoded(error) from None
    except FormatError:
        raise
    except ValueError:  # Python reads no int of more than 4,300 digits
        raise FormatError(say("a number of thousands of digits")) from None


def parse_json_row(line: bytes) -> Any:
    """The value of one line of JSON Lines, as most programs write them: NaN is taken.

    The parser in C is trusted with the nesting, at which it gives up by itself: counting brackets before
    would take longer than counting the row's tokens.

    Raises:
        FormatError: not JSON in UTF-8, or nested too deeply.

    >>> parse_json_row(b'{"text": "a", "score": NaN}')["text"]
    'a'
    """
    try:
        text = line.decode("utf-8")
        try:
            value, end = _scan(text, 0)
        except StopIteration:  # white space before the value, or none
            return json.loads(text)
        return value if text[end:] in _LINE_ENDS else json.loads(text)
    except UnicodeDecodeError as error:
        raise _not_decoded(error) from None
    except RecursionError:
        raise FormatError(say("nested too deeply")) from None
    except ValueError as error:
        raise FormatError(shorten(str(error))) from None


def check_json_depth(text: str) -> None:
    """Refuse a JSON text that another library is to parse, where it is nested deeper than `DEEPEST`.

    Raises:
        FormatError: it is.
    """
    _check_depth(_JSON_MARKS, text)


def compact_json(value: Any) -> str:
    """A value of Python as JSON without spaces; what JSON lacks is its text.

    Raises:
        FormatError: it holds itself, or is nested too deeply.

    >>> compact_json({"a": [1, None]})
    '{"a":[1,null]}'
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (ValueError, RecursionError):
        raise FormatError(say("it holds itself, or is nested too deeply")) from None


def parse_yaml(text: str) -> Any:
    """The value of a YAML text, by the safe loader.

    Aliases are refused: a few lines of them unfold into gigabytes.

    Raises:
        FormatError: not YAML, too long, nested deeper than `DEEPEST`, or with an alias.

    >>> parse_yaml("- role: user")
    [{'role': 'user'}]
    """
    import yaml

    is_fast = hasattr(yaml, "CSafeLoader")
    loader = yaml.CSafeLoader if is_fast else yaml.SafeLoader
    most = MOST_YAML_CHARS if is_fast else _MOST_SLOW_YAML_CHARS
    if len(text) > most:
        raise FormatError(say("{n:,} characters; YAML is read to {most:,}", n=len(text), most=most))
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise FormatError(say("YAML aliases (*name) are not read; write them out"))
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise FormatError(_too_deep())
        return yaml.load(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark, problem = error.problem_mark, error.problem or say("unreadable")
        raise FormatError(_at(mark.line + 1, mark.column + 1, problem) if mark else problem) from None
    except yaml.YAMLError as error:
        raise FormatError(str(error).splitlines()[0]) from None
    except FormatError:
        raise
    except ValueError as error:  # a date that is none, a number of thousands of digits
        raise FormatError(shorten(str(error))) from None


def parse_toml(text: str | bytes) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        FormatError: not TOML, nested deeper than `DEEPEST`, or with a number of thousands of digits.

    >>> parse_toml("a = 1")
    {'a': 1}
    """
    import tomllib

    try:
        if isinstance(text, bytes):
            text = decoded(text)
        _check_depth(_TOML_MARKS, text)
        if _LONG_KEY.search(text):
            raise FormatError(_too_deep())
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(str(error)) from None
    except UnicodeDecodeError as error:
        raise _not_decoded(error) from None
    except FormatError:
        raise
    except ValueError:
        raise FormatError(say("a number of thousands of digits")) from None


def _check_depth(marks: re.Pattern[str], text: str) -> None:
    depth = 0
    for found in marks.finditer(text):
        mark = found[0][-1:]
        if mark in ("[", "{"):
            depth += 1
            if depth > DEEPEST:
                raise FormatError(_too_deep())
        elif mark in ("]", "}"):
            depth -= 1


def _too_deep() -> str:
    return say("nested deeper than {n} levels", n=DEEPEST)


def _not_decoded(error: UnicodeDecodeError) -> FormatError:
    name = error.encoding.upper()
    return FormatError(say("byte {n:,} is not {encoding}", n=error.start, encoding=name))


def _at(line: int, column: int, problem: str) -> str:
    return say("line {line}, column {column}: {problem}", line=line, column=column, problem=problem)


def _with_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise FormatError(say("{key} is there twice", key=shorten(twice)))
    return found


def _whole(text: str) -> int | float:
    """A whole number; -0 is a float, as in JavaScript and in the JSON library of Rust."""
    if text == "-0":
        return -0.0
    value = int(text)
    if len(text) > _MOST_DIGITS:
        _number(text)
    return value


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise FormatError(say("a number too large to be read"))
    return value


def _no_constant(name: str) -> Any:
    raise FormatError(say("{name} is no value of JSON", name=name))
