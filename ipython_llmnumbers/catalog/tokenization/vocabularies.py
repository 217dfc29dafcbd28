"""Which vocabulary counts a model's tokens, how sure that is, and where it is stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from ...figures import Source
from ...patterns import matches
from ...records import dataclass
from ..aliases import alias_of
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
    stands in where it is not on the machine. `note` says which model the count is for, or why a
    vocabulary is assumed, where that is another reason than that none is published. `between` are
    the vocabularies of which one is the model's, where it is not known which.
    """

    how: How
    vocabulary: str | None
    source: Source
    ratio_column: str | None = None
    note: str = ""
    between: tuple[str, ...] = ()

    def assumed(self, note: str) -> TokenizerChoice:
        """The same choice for a name that need not mean this model: never exact."""
        return replace(self, how="assumed" if self.how == "exact" else self.how, note=note)


@lru_cache(maxsize=512)
def find_tokenizer(model: str | ModelName) -> TokenizerChoice | None:
    """The tokenizer of a model or vocabulary name; None where the table says nothing.

    >>> find_tokenizer("openai/gpt-4o").vocabulary
    'o200k_base'
    >>> find_tokenizer("no-such-model") is None
    True
    """
    table = read_table("tokenization/vocabularies.toml")
    name = parse_name(model)
    if name.base in VOCABULARIES:
        return TokenizerChoice("exact", name.base, source_of(table, {"source": "splintr"}))
    alias = alias_of(name)
    meant = parse_name(alias.means) if alias and alias.means else name
    row = next((row for row in table["models"] if _is_about(row, meant)), None)
    if row is None:
        return None
    source, note = source_of(table, row), row.get("note", "")
    between = tuple(row.get("between", ()))
    choice = TokenizerChoice(row["how"], row.get("vocabulary"), source, row.get("ratio"), note, between)
    return choice.assumed(alias.note) if alias else choice


def _is_about(row: Mapping[str, Any], name: ModelName) -> bool:
    """Whether a row is about this model; one with `tags` only where the name's tag or size is one of them."""
    # Ollama writes `mixtral:8x7b` for what others call mixtral-8x7b.
    spellings = (name.base, f"{name.base}-{name.variant}")
    if not any(matches(each, row["match"]) for each in spellings):
        return False
    tags = row.get("tags")
    said = tuple(filter(None, (name.variant, name.size)))
    return tags is None or any(matches(tag, tags) for tag in said)


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
