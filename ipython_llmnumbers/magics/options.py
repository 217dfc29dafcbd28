"""What a magic's first line may say: read without touching the text that follows it.

argparse and shlex would fold spaces and quotes in a prompt, so the options are read off
the front of the raw line and the rest is returned as it was typed. The same table of
options makes the parser, the help and the completion, so that none can lack one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import UsageError, nearest, shorten

_WORD = re.compile(r"\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<plain>\S+)")


@dataclass(frozen=True, slots=True)
class Option:
    """One option. Without a `metavar` it is a switch; `known` lists what completion offers.

    `effect` says what an option does beside shaping the estimate, since the live line must do
    nothing while somebody types: it leaves out an effect that comes "after" the estimate
    (a file is written), and keeps silent where one takes its place ("instead": the help).
    """

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    convert: Callable[[str, str], Any] = lambda _flag, word: word
    known: Callable[[], Iterable[str]] | None = None
    effect: Literal["", "after", "instead"] = ""

    @property
    def name(self) -> str:
        """The key of the parsed value: the longest flag, as an identifier."""
        return max(self.flags, key=len).lstrip("-").replace("-", "_")


HELP = Option(("-h", "--help"), "show this help", effect="instead")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The options that were given, by name, and what stood after them."""

    values: Mapping[str, Any]
    rest: str

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)


def parse(options: Sequence[Option], line: str) -> Parsed:
    """Read options off the front of a line; the first other word ends them, and so does `--`.

    Raises:
        UsageError: an unknown option, or one without its value.

    >>> model = Option(("-m", "--model"), "", "MODEL")
    >>> parse([model], "-m gpt-4o  two  spaces").rest
    'two  spaces'
    """
    values: dict[str, Any] = {}
    position = 0
    while True:
        start = position + len(line[position:]) - len(line[position:].lstrip())
        word = _WORD.match(line, start)
        if word is None or word["plain"] is None or not word["plain"].startswith("-"):
            return Parsed(values, line[start:])
        flag, equals, value = word["plain"].partition("=")
        position = word.end()
        if flag == "--":
            return Parsed(values, line[position:].removeprefix(" "))
        option = _find(options, flag)
        if not option.metavar:
            if equals:
                raise UsageError(f"{flag} takes no value, so not {shorten(word['plain'])}")
            values[option.name] = True
            continue
        if not equals:
            value, position = _value(option, flag, line, position)
        values[option.name] = option.convert(flag, value)


def parse_around(options: Sequence[Option], line: str) -> Parsed:
    """Read options that may also stand behind the words: `%gpufit MODEL --context 8192`."""
    values: dict[str, Any] = {}
    words: list[str] = []
    rest = line
    while True:
        parsed = parse(options, rest)
        values |= parsed.values
        word = _WORD.match(parsed.rest)
        if word is None:
            return Parsed(values, " ".join(words))
        words.append(_unquoted(word))
        rest = parsed.rest[word.end() :]


def whole_number(flag: str, word: str) -> int:
    """A count as people write it: `1000`, `1,000`, `1_000`, `8k`, `1.5M`, `32Ki`.

    >>> whole_number("--calls", "8k"), whole_number("--context", "32Ki")
    (8000, 32768)
    """
    match = re.fullmatch(r"([+-]?\d[\d_,]*(?:\.\d+)?)(ki|mi|[kmb])?", word, re.IGNORECASE | re.ASCII)
    scale = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "ki": 2**10, "mi": 2**20}
    if match and len(word) < 40:
        from decimal import Decimal

        number = Decimal(match[1].replace(",", "").replace("_", "")) * scale[(match[2] or "").lower()]
        if number == int(number):
            return int(number)
    raise UsageError(f"{flag} {shorten(word)} is not a whole number; write one such as 1000 or 8k")


def usage(magic: str, options: Sequence[Option], positional: str) -> str:
    """The help text of a magic: one usage line, then two lines for each option."""
    lines = [f"usage: {magic} [options] {positional}".rstrip(), "", "options:"]
    for option in options:
        flags = ", ".join(option.flags) + f" {option.metavar}".rstrip()
        known = " (TAB completes)" if option.known else ""
        lines += [f"  {flags}", f"      {option.help}{known}"]
    return "\n".join(lines)


def _find(options: Sequence[Option], flag: str) -> Option:
    for option in options:
        if flag in option.flags:
            return option
    flags = [flag for option in options for flag in option.flags]
    near = nearest(flag, [f for f in flags if f.startswith("--")]) or flags
    hint = "write -- before a text that starts with a dash"
    raise UsageError(f"unknown option {shorten(flag)}; nearest: {', '.join(near)}; {hint}")


def _value(option: Option, flag: str, line: str, position: int) -> tuple[str, int]:
    word = _WORD.search(line, position)
    if word is None:
        raise UsageError(f"{flag} needs a value: {flag} {option.metavar}")
    return _unquoted(word), word.end()


def _unquoted(word: re.Match[str]) -> str:
    return next(text for text in (word["double"], word["single"], word["plain"]) if text is not None)
