"""Read a model's name as people write it: `openai/gpt-4o`, `ft:gpt-4o:org::id`, `models/gemini-2.5-pro`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import UnknownNameError, UsageError
from ..messages import say

# `ft:gpt-4o-2024-08-06:my-org:suffix:id`, OpenAI's names for fine-tuned models
# (https://platform.openai.com/docs/guides/fine-tuning).
_FINE_TUNED = re.compile(r"ft:(?P<base>[^:]+)(:.*)?")

MOST_NAME_CHARS = 256


def as_name(kind: str, name: object) -> str:
    """What was given as a name, where it is one; `kind` says of what.

    Raises:
        UsageError: something else than a text.
        UnknownNameError: longer than any name; no pattern and no table sees it.

    >>> as_name("GPU", "L4")
    'L4'
    """
    if not isinstance(name, str):
        raise UsageError(
            "{kind}: give a name, not a value of type {type}", kind=kind, type=type(name).__name__
        )
    if len(name) > MOST_NAME_CHARS:
        hint = say("no name is longer than {n} characters", n=MOST_NAME_CHARS)
        raise UnknownNameError(kind, name, (), hint)
    return name


def folded(name: str) -> str:
    """A name as the tables compare it: case, spaces, `-`, `_` and `.` do not count.

    >>> folded("Q4-K-M"), folded("llama.cpp")
    ('q4km', 'llamacpp')
    """
    return re.sub(r"[-_.\s]", "", name.casefold())


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name in its parts; `base` is lower-case, without vendor and fine-tuning frame."""

    raw: str
    vendor: str
    base: str
    fine_tuned: bool


def parse_name(raw: str | ModelName) -> ModelName:
    """Take a model's name apart; every string has an answer, and a name that was taken apart is its own.

    >>> parse_name("openai/gpt-4o")
    ModelName(raw='openai/gpt-4o', vendor='openai', base='gpt-4o', fine_tuned=False)
    >>> parse_name("ft:gpt-4o:my-org::id").base
    'gpt-4o'
    >>> parse_name("meta-llama/Llama-3.1-8B-Instruct").base
    'llama-3.1-8b-instruct'
    """
    if isinstance(raw, ModelName):
        return raw
    raw = raw.strip()
    name = raw.casefold()
    tuned = _FINE_TUNED.fullmatch(name)
    if tuned:
        name = tuned["base"]
    vendor, _, base = name.rpartition("/")
    vendor = vendor.rpartition("/")[2]
    return ModelName(raw, "" if vendor == "models" else vendor, base, tuned is not None)
