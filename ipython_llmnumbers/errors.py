"""What a user is told when something cannot be done: one line, the input, the next step.

IPython prints whatever `_render_traceback_` returns instead of a traceback
(`InteractiveShell.showtraceback`), so these errors stay one line in every
front end, keep their type for `except`, and this module needs no IPython.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from traceback import extract_tb
from typing import Any

from .messages import Asked, Message, joined, said, say, shorten, speaking, voice, written


class LLMNumbersError(Exception):
    """A request that cannot be answered; `str(error)` is one line for the user.

    The line is given as a message's template and values, and said in the voice that was
    spoken when the error was raised.

    >>> print(LLMNumbersError("{option:calls} needs a value"))
    calls needs a value
    """

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(say(template, **values))
        self._voice = voice()

    def __str__(self) -> str:
        with speaking(*self._voice):
            return said(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by the arguments of each class: it has become one line.
        return _restored, (type(self), self.args, self.__dict__)

    def _render_traceback_(self) -> list[str]:
        return [f"llmnumbers: {self}"]


class UsageError(LLMNumbersError):
    """An option, a value or a combination that the magic does not take."""


class LaterError(UsageError):
    """What a cell asks for can only be known when it runs; while it is typed, that is no fault."""


SHOW_TRACEBACKS = "LLMNUMBERS_TRACEBACK"
"""The environment variable that shows the traceback of a fault of ours."""

_SIMPLE = (str, int, float, Decimal, date, type(None))


class ParameterError(UsageError):
    """A value that a parameter does not take; `{option}` in the template is both, as the caller writes them.

    >>> print(ParameterError("{option} is not a whole number", "calls", "many"))
    calls='many' is not a whole number
    """

    def __init__(self, template: str, parameter: str, value: object, /, **values: object) -> None:
        # An object is kept as its text: an error outlives the cell, and is pickled.
        self.parameter = parameter
        self.value = value if isinstance(value, _SIMPLE) else written(value)
        super().__init__(template, option=Asked(parameter, value), **values)


def one_of(words: Collection[str], parameter: str, value: object) -> str:
    """The word that was given, if it is one of those; case does not count.

    Raises:
        ParameterError: another word.

    >>> one_of(("en", "ja"), "language", "JA")
    'ja'
    """
    word = value.casefold() if isinstance(value, str) else None
    if word not in words:
        raise ParameterError("{option} is not one of {names}", parameter, value, names=", ".join(words))
    assert word is not None
    return word


class CatalogError(LLMNumbersError):
    """A table that cannot be read: a user's TOML file, a model's config.json."""


class FileError(LLMNumbersError):
    """A file of the user's that cannot be read, or is not written over."""


class UnsupportedArchitectureError(LLMNumbersError):
    """A model with a layer that cannot be counted; its memory is not guessed.

    >>> UnsupportedArchitectureError("config.json", "model_type 'hyena'").what
    "model_type 'hyena'"
    """

    def __init__(self, where: str, what: str) -> None:
        self.where, self.what = where, what
        message = say(
            "{where}: {what} is not supported, and is not guessed;"
            " a .gguf or .safetensors file counts exactly",
            where=where,
            what=what,
        )
        super().__init__(message)


class UnknownNameError(LLMNumbersError):
    """A name that no table knows.

    >>> print(UnknownNameError("model", "gpt-4p", ["gpt-4o", "gpt-4", "o3"]))
    unknown model 'gpt-4p'; nearest: gpt-4, gpt-4o
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        self.kind, self.name = kind, name
        near = nearest(name, known)
        unknown = say("unknown {kind} {name}", kind=kind, name=shorten(name))
        closest = say("nearest: {names}", names=", ".join(near)) if near else ""
        super().__init__(joined("; ", unknown, closest, hint))


class UnexpectedError(LLMNumbersError):
    """A fault of this package, or of a library that it uses, where a cell would show a traceback.

    The error's own text is not in the line: it may quote the prompt.
    """

    def __init__(self, error: BaseException) -> None:
        package = str(Path(__file__).parent)
        frames = [each for each in extract_tb(error.__traceback__) if each.filename.startswith(package)]
        place = frames[-1] if frames else None
        where = f"{Path(place.filename).name}:{place.lineno}" if place else "?"
        message = say(
            "{kind} at {where}: a fault of this extension, not of yours; set {variable}=1 in the environment"
            " to see its traceback",
            kind=type(error).__name__,
            where=where,
            variable=SHOW_TRACEBACKS,
        )
        super().__init__(message)


@contextmanager
def net() -> Iterator[None]:
    """Let no traceback reach a cell: whatever escapes is one line. `$LLMNUMBERS_TRACEBACK` takes it away.

    Raises:
        UnexpectedError: something else than an `LLMNumbersError`, an interrupt or an exit was raised.
    """
    try:
        yield
    except (LLMNumbersError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a Rust extension panics with one that is no Exception
        if os.environ.get(SHOW_TRACEBACKS):
            raise
        raise UnexpectedError(error) from error


def _restored(kind: type[LLMNumbersError], args: tuple[Any, ...], state: dict[str, Any]) -> LLMNumbersError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def nearest(name: str, known: Iterable[str], limit: int = 4) -> list[str]:
    """The known names most like `name`, best first; case does not count.

    >>> nearest("GPT-4P", ["gpt-4o", "claude-opus-5-5"])
    ['gpt-4o']
    """
    import difflib  # only a mistake needs it

    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    wanted = name.casefold()[:200]
    close = difflib.get_close_matches(wanted, by_folded, n=limit, cutoff=0.5)
    if not close and wanted:
        close = sorted((c for c in by_folded if wanted in c), key=len)[:limit]
    return [by_folded[folded] for folded in close]


def shown(value: object) -> str:
    """Any value on one line, for an error that refuses it.

    >>> shown(3.5), shown(10**5000)
    ("'3.5'", 'a number of thousands of digits')
    """
    text = written(value)
    return text if isinstance(text, Message) else shorten(text, 40)
