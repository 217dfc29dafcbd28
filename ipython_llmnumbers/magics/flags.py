"""How a magic spells a parameter: `context_tokens=8192` is `--context 8192`."""

from __future__ import annotations

from functools import cache
from itertools import chain

from ..messages import shorten, written

# What a magic does beside answering its question.
_COMMANDS = {"update_prices": "%llmcost --update-prices"}


@cache
def _word(name: str) -> str:
    """The word of a parameter's flag: it has the same in each question that asks for it.

    The questions that are imported come first: a text that names a parameter is of one of them.
    """
    from ..estimates.question import imported_questions
    from ..estimates.questions import questions

    every = (question.parameters() for question in chain(imported_questions(), questions()))
    return next((known[name].flag for known in every if name in known), "") or name


def flag_of(name: str) -> str:
    """The flag of a parameter.

    >>> flag_of("context_tokens"), flag_of("cache_write")
    ('--context', '--cache-write')
    """
    return _COMMANDS.get(name) or f"--{_word(name).replace('_', '-')}"


def as_flag(name: str, *given: object) -> str:
    """A parameter as the line of a magic writes it.

    >>> as_flag("kv", "fp8"), as_flag("chunked_loss", True), as_flag("file", "my notes.txt")
    ('--kv fp8', '--chunked-loss', "--file 'my notes.txt'")
    """
    if not given or given[0] is True or given[0] == "True":
        return flag_of(name)
    text = written(given[0])
    plain = text.isprintable() and text and not (isinstance(given[0], str) and " " in text)
    return f"{flag_of(name)} {text if plain else shorten(text)}"


def as_setting(name: str, *given: object) -> str:
    """A parameter as `%config` writes it.

    >>> as_setting("rate", "150")
    "LLMNumbers.rate '150'"
    """
    return " ".join([f"LLMNumbers.{name}", *(shorten(written(each)) for each in given)])
