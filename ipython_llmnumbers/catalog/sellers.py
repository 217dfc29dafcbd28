"""Who sells models: makers, hosts and what the names look like there, as `sellers.toml` states it."""

from __future__ import annotations

from functools import cache
from typing import Literal

from ..patterns import matches
from ..records import dataclass
from .toml_tables import read_table

Form = Literal[
    "plain", "bedrock", "azure", "vertex", "fireworks", "cloudflare", "databricks", "huggingface", "ollama"
]


@dataclass(frozen=True, slots=True)
class Host:
    """Who sells the models of others; `provider` is its id in genai-prices, and empty where it has none.

    `like` are the makers whose models it sells at the maker's own price.
    """

    name: str
    provider: str
    form: Form
    is_local: bool = False
    like: tuple[str, ...] = ()


@cache
def hosts_by_spelling() -> dict[str, Host]:
    """Each host by each of its spellings.

    >>> hosts_by_spelling()["bedrock_converse"].provider
    'aws'
    """
    return {
        spelling: Host(
            row["name"],
            row.get("provider", ""),
            row["form"],
            row.get("local", False),
            tuple(row.get("like", ())),
        )
        for row in read_table("sellers.toml")["hosts"]
        for spelling in (row["name"], *row["spelled"])
    }


@cache
def host_named(name: str) -> Host:
    """The host of that name; one that no table knows has it as its provider's id."""
    return hosts_by_spelling().get(name) or Host(name, name, "plain")


@cache
def makers() -> dict[str, str]:
    """The provider of genai-prices that sells a vendor's models first-hand, by the vendor's spellings."""
    return dict(read_table("sellers.toml")["makers"])


@cache
def bedrock_words() -> tuple[frozenset[str], frozenset[str]]:
    """The geographies and the vendors that a Bedrock id may begin with."""
    table = read_table("sellers.toml")["bedrock"]
    return frozenset(table["geographies"]), frozenset(table["vendors"])


@cache
def openrouter_variants() -> frozenset[str]:
    """What OpenRouter writes behind a model's name and a colon."""
    return frozenset(read_table("sellers.toml")["openrouter"]["variants"])


def host_note(host: str, region: str, row: str) -> str:
    """What must be said of the price that a host's row has, for a name with that geography or region."""
    for note in read_table("sellers.toml")["notes"]:
        if note["host"] == host and matches(row, note["rows"]) and matches(region, note["regions"]):
            said: str = note["note"]
            return said
    return ""
