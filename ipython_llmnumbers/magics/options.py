"""What a magic's first line may say: read without touching the text that follows it.

argparse and shlex would fold spaces and quotes in a prompt, so the options are read off
the front of the raw line and the rest is returned as it was typed. The same table of
options makes the parser, the help and the completion, so that none can lack one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from ..errors import UsageError, nearest
from ..messages import said, say, shorten, tell
from ..patterns import pattern
from ..records import dataclass
from .flags import flag_of
from .option_values import readers, setting

if TYPE_CHECKING:
    from ..estimates.question import Question

_NONE: Mapping[str, str] = MappingProxyType({})
_FLAG = pattern(r"-(?!\.?\d)")  # a number below 0 is no option
_WORD = pattern(r"\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<plain>\S+)")


@dataclass(frozen=True, slots=True)
class Option:
    """One option. Without a `metavar` it is a switch; `known` lists what completion offers.

    `many` may be given more than once: its value is a tuple of all that were given.
    `bare` is the value of an option whose number may be left out. `parameter` is what a question
    calls it, where it is one of a question's. The value of one that `is_text` goes into the prompt:
    it is taken as it is. `group` is the heading that help sets above it.
    `effect` says what an option does beside shaping the estimate, since the live line must do
    nothing while somebody types: it leaves out an effect that comes "after" the estimate
    (a file is written), and keeps silent where one takes its place ("instead": the help).
    """

    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    convert: Callable[[str, str], Any] = lambda _flag, word: word
    known: Callable[[], Iterable[str]] | None = None
    many: bool = False
    bare: str = ""
    effect: Literal["", "after", "instead"] = ""
    parameter: str = ""
    is_text: bool = False
    group: str = ""

    @property
    def name(self) -> str:
        """The key of the parsed value: the question's parameter, else the longest flag as an identifier."""
        return self.parameter or max(self.flags, key=len).lstrip("-").replace("-", "_")


HELP = Option(
    ("-h", "--help"),
    say("show this help"),
    effect="instead",
    group=say("what the notebook gives and keeps"),
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The options that were given, by name, and what stood after them."""

    values: Mapping[str, Any]
    rest: str

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def flag_of(self, names: Iterable[str]) -> str:
        """The first of the names that was given, as the flag that gives it; empty where none was."""
        return next((flag_of(name) for name in names if name in self.values), "")


def options_of(*questions: type[Question]) -> tuple[Option, ...]:
    """The options of the questions' parameters, each once, in the order of the questions."""
    read = readers()
    found: dict[str, Option] = {}
    for question in questions:
        for name, each in question.parameters().items():
            if each.is_subject or name in found:
                continue
            flags = (f"-{each.short}", flag_of(name)) if each.short else (flag_of(name),)
            kind = each.kind
            found[name] = Option(
                flags,
                each.help,
                each.metavar,
                read.get(type(kind), lambda _flag, word: word),
                getattr(kind, "known", None),
                many=read.get(type(kind)) is setting,
                effect=each.effect,
                parameter=name,
                is_text=each.metavar == "TEXT",
            )
    return tuple(found.values())


def parse(
    options: Sequence[Option],
    line: str,
    retired: Mapping[str, str] = _NONE,
    fill: Callable[[str], str] = str,
) -> Parsed:
    """Read options off the front of a line; the first other word ends them, and so does `--`.

    `retired` says what to write for a flag that is no more; `fill` puts variables into a value.

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
        if word is None or word["plain"] is None or not _FLAG.match(word["plain"]):
            return Parsed(values, line[start:])
        flag, equals, value = word["plain"].partition("=")
        position = word.end()
        if value.startswith(("'", '"')):
            quoted = _WORD.match(line, word.start() + len(flag) + 1)
            if quoted is not None and quoted["plain"] is None:
                value, position = _unquoted(quoted), quoted.end()
        if flag == "--":
            return Parsed(values, line[position:].removeprefix(" "))
        option = _find(options, flag, retired)
        if not option.metavar:
            if equals:
                raise UsageError(
                    "{flag} takes no value, so not {word}", flag=flag, word=shorten(word["plain"])
                )
            values[option.name] = True
            continue
        if not equals and option.bare and not re.match(r"\s+\d", line[position:]):
            value = option.bare
        elif not equals:
            value, position = _value(option, flag, line, position)
        converted = option.convert(flag, value if option.is_text else fill(value))
        values[option.name] = (*values.get(option.name, ()), converted) if option.many else converted


def parse_around(
    options: Sequence[Option],
    line: str,
    retired: Mapping[str, str] = _NONE,
    fill: Callable[[str], str] = str,
) -> Parsed:
    """Read options that may also stand behind the words: `%gpufit MODEL --context 8192`."""
    values: dict[str, Any] = {}
    words: list[str] = []
    rest = line
    while True:
        parsed = parse(options, rest, retired, fill)
        for option in options:
            if option.many and option.name in values and option.name in parsed.values:
                parsed = Parsed(
                    {**parsed.values, option.name: values[option.name] + parsed.values[option.name]},
                    parsed.rest,
                )
        values |= parsed.values
        word = _WORD.match(parsed.rest)
        if word is None:
            return Parsed(values, " ".join(words))
        words.append(_unquoted(word))
        rest = parsed.rest[word.end() :]


def refuse(options: Parsed, names: Iterable[str], other: str) -> None:
    """Refuse options that would be dropped beside another.

    Raises:
        UsageError: one of the names was given.
    """
    if flag := options.flag_of(names):
        raise UsageError("{flag} has no part in {other}", flag=flag, other=other)


def either(*words: str) -> str:
    """The words of which one is to be taken.

    >>> either("flex", "priority")
    'flex or priority'
    """
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), words)


def usage(magic: str, options: Sequence[Option], positional: str, example: str) -> str:
    """The help text of a magic: one usage line and an example, then two lines for each option, by group."""
    first = tell("usage: {magic} [options] {positional}", magic=magic, positional=positional)
    lines = [first, tell("example: {example}", example=example)]
    groups: dict[str, list[Option]] = {}
    for option in options:
        groups.setdefault(option.group, []).append(option)
    for group, members in groups.items():
        lines += ["", f"{said(group)}:" if group else tell("options:")]
        for option in members:
            flags = ", ".join(option.flags) + f" {option.metavar}".rstrip()
            help_ = tell("{help} (TAB completes)", help=option.help) if option.known else said(option.help)
            lines += [f"  {flags}", f"      {help_}"]
    return "\n".join(lines)


def _find(options: Sequence[Option], flag: str, retired: Mapping[str, str]) -> Option:
    for option in options:
        if flag in option.flags:
            return option
    if flag in retired:
        raise UsageError("{flag} is {other} now", flag=flag, other=retired[flag])
    flags = [flag for option in options for flag in option.flags]
    near = nearest(flag, [f for f in flags if f.startswith("--")])
    if not near:
        raise UsageError(
            "unknown option {option}; {help} lists them; write -- before a text that starts with a dash",
            option=shorten(flag),
            help=HELP.flags[-1],
        )
    raise UsageError(
        "unknown option {option}; nearest: {names}; write -- before a text that starts with a dash",
        option=shorten(flag),
        names=", ".join(near),
    )


def _value(option: Option, flag: str, line: str, position: int) -> tuple[str, int]:
    word = _WORD.search(line, position)
    if word is None:
        raise UsageError("{flag} needs a value: {flag} {metavar}", flag=flag, metavar=option.metavar)
    return _unquoted(word), word.end()


def _unquoted(word: re.Match[str]) -> str:
    return next(text for text in (word["double"], word["single"], word["plain"]) if text is not None)
