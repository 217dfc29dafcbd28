"""Read a model's name as people write it: `openai/gpt-4o`, `ft:gpt-4o:org::id`, `models/gemini-2.5-pro`."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace
from functools import lru_cache

from ..errors import UnknownNameError, UsageError
from ..messages import say
from ..patterns import pattern
from .name_forms import FORMS, is_fine_tuned, is_tag, looks_like_bedrock
from .name_forms import ModelName as ModelName
from .sellers import Form, host_named, hosts_by_spelling, makers, openrouter_variants

# What the names of Fireworks' and Vertex AI's resources begin with.
_FOLDERS = {"accounts", "projects", "publishers"}
_WORD = pattern(r"\w[\w.-]*")
_HYPHEN = pattern("[\u2010-\u2015\u2212]")

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


def parse_name(raw: str | ModelName) -> ModelName:
    """Take a model's name apart; every string has an answer, and a name that was taken apart is its own.

    >>> name = parse_name("openai/gpt-4o")
    >>> name.vendor, name.base, name.host
    ('openai', 'gpt-4o', '')
    >>> parse_name("ft:gpt-4o:my-org::id").base
    'gpt-4o'
    >>> name = parse_name("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0")
    >>> name.host, name.region, name.vendor, name.base
    ('bedrock', 'us', 'anthropic', 'claude-sonnet-4-5-20250929')
    """
    return raw if isinstance(raw, ModelName) else _parsed(raw.strip())


@lru_cache(maxsize=512)
def _parsed(raw: str) -> ModelName:
    seller, vendor, text = _seller_before(as_id(raw.casefold()).removeprefix("models/"))
    if seller:
        host = host_named(seller)
        return FORMS[host.form](ModelName(raw, host=host.name), text)
    return _by_shape(ModelName(raw, vendor=vendor), text)


def as_id(name: str) -> str:
    """A name in small letters as it is printed, spelled as ids are; OpenAI prints hyphens that are no ASCII.

    >>> as_id("gpt\\u20114o mini"), as_id("gemini 3 pro (preview)"), as_id("command r+")
    ('gpt-4o-mini', 'gemini-3-pro-preview', 'command-r-plus')
    """
    # Claude Code writes `[1m]` behind a model whose context is a million tokens.
    name = _HYPHEN.sub("-", name.removesuffix("[1m]")).replace("+", " plus ")
    return "-".join(re.sub(r"[()]", " ", name).split())


def spellings(name: str) -> tuple[Hashable, Hashable]:
    """What other spellings of an id have in common with it: all but punctuation; its words in any order.

    The numbers stay in theirs.

    >>> spellings("gpt4o")[0] == spellings("GPT-4o")[0]
    True
    >>> spellings("Claude 4.5 Sonnet")[1] == spellings("claude-sonnet-4-5")[1]
    True
    >>> spellings("gpt-5.4")[1] == spellings("gpt-4.5")[1]
    False
    """
    name = as_id(name.casefold())
    parts = [part for part in re.split("[-_.]+", name) if part]
    numbers = tuple(part for part in parts if part.isdecimal())
    return folded(name), (frozenset(parts).difference(numbers), numbers)


def _by_shape(name: ModelName, text: str) -> ModelName:
    """A name before which no host stands: its own form may tell who sells it."""
    last = text.rpartition("/")[2]
    tag = last.partition(":")[2]
    form: Form = "plain"
    host = ""
    if tag in openrouter_variants() or text.startswith("~"):
        host, text = "openrouter", f"{name.vendor}/{text}" if name.vendor else text
    elif text.startswith("accounts/"):
        form = host = "fireworks"
    elif text.startswith(("projects/", "publishers/")):
        form, host = "vertex", "vertex_ai"
    elif name.vendor or is_fine_tuned(text):
        pass
    elif text.startswith(("databricks-", "system.ai.")):
        form = host = "databricks"
    elif looks_like_bedrock(text):
        form = host = "bedrock"
    elif "@" in last and "/" not in text:
        form, host = "vertex", "vertex_ai"
    elif tag and ("/" not in text or is_tag(tag)):
        form = host = "ollama"
    return FORMS[form](replace(name, host=host), text)


def _seller_before(name: str) -> tuple[str, str, str]:
    """The host that stands before a model, or the maker who sells it, each by `…/` or `…:`; and the rest.

    >>> _seller_before("groq/llama-3.3-70b"), _seller_before("openai:gpt-4o"), _seller_before("mistral:7b")
    (('groq', '', 'llama-3.3-70b'), ('', 'openai', 'gpt-4o'), ('', '', 'mistral:7b'))
    """
    head, _, rest = name.partition("/")
    if ":" in head:
        head, _, rest = name.partition(":")
        if is_tag(rest) or head not in {*hosts_by_spelling(), *makers()}:
            return "", "", name
    if not rest:
        return "", "", name
    if head in hosts_by_spelling():
        return head, "", rest
    if head in makers():
        second = makers().get(rest.partition("/")[0]) if "/" in rest else None
        return ("", head, rest) if second in (None, makers()[head]) else (head, "", rest)
    # `deepinfra/openai/gpt-oss-120b`: a host that no table knows. A path is none.
    is_host = "/" in rest and _WORD.fullmatch(head) and head not in _FOLDERS
    return (head, "", rest) if is_host else ("", "", name)
