"""Which vocabulary counts a model's tokens, how sure that is, and where it is stated."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from ...figures import Source
from ..names import ModelName, parse_name
from ..toml_tables import read_table, source_of

How = Literal["exact", "assumed", "mapped", "unofficial", "ratio"]

# The vocabularies that splintr-rs carries, under its names, and tiktoken's that it lacks.
VOCABULARIES = (
    "cl100k_base",
    "o200k_base",
    "gpt-oss",
    "p50k_base",
    "r50k_base",
    "llama2",
    "llama3",
    "codellama",
    "phi4",
    "olmo2",
    "modernbert",
    "qwen3",
    "glm4",
    "kimi_k2",
    "kimi_k3",
    "deepseek_v3",
    "mistral_v1",
    "mistral_v2",
    "mistral_v3",
    "whisper",
    "gemma2",
    "gemma3",
    "gemma4",
)


@dataclass(frozen=True, slots=True)
class TokenizerChoice:
    """How a model's tokens are to be counted.

    `vocabulary` names what `probes.tokens` loads, `ratio_column` the measured ratio that
    stands in where it is not on the machine.
    """

    how: How
    vocabulary: str | None
    source: Source
    ratio_column: str | None = None


@lru_cache(maxsize=512)
def find_tokenizer(model: str | ModelName) -> TokenizerChoice | None:
    """The tokenizer of a model or vocabulary name; None where the table says nothing.

    >>> find_tokenizer("openai/gpt-4o").vocabulary
    'o200k_base'
    >>> find_tokenizer("no-such-model") is None
    True
    """
    table = read_table("tokenization/vocabularies.toml")
    base = parse_name(model).base
    if base in VOCABULARIES:
        return TokenizerChoice("exact", base, source_of(table, {"source": "splintr"}))
    for row in table["models"]:
        if any(fnmatchcase(base, pattern) for pattern in row["match"]):
            return TokenizerChoice(row["how"], row.get("vocabulary"), source_of(table, row), row.get("ratio"))
    return None


def compared_models() -> tuple[str, ...]:
    """The models beside which a text's tokens are shown where one model or none is named.

    >>> compared_models()[:2]
    ('gpt-5.4', 'text-embedding-3-small')
    """
    return tuple(read_table("tokenization/vocabularies.toml")["compared"]["models"])


def ratio_tokenizer() -> TokenizerChoice:
    """The choice for a model that has a price but no known tokenizer."""
    table = read_table("tokenization/vocabularies.toml")
    return TokenizerChoice("ratio", None, source_of(table, {"source": "ratios"}))
