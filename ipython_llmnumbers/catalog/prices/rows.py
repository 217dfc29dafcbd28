"""Which row of genai-prices prices a name: its host's, else its maker's, and never one for the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from ...patterns import matches, pattern
from ..name_forms import FORMS, ModelName
from ..names import as_id, folded, spellings
from ..sellers import Host, host_named, makers
from ..toml_tables import read_table
from .price_table import ModelInfo, PriceTable, Provider, Row

# https://platform.openai.com/docs/guides/reasoning, "reasoning effort".
_EFFORT = pattern("-(?:minimal|low|medium|high|xhigh|max)$")
# Regions of their own, with prices that genai-prices does not have but whose ids its patterns fit.
_APART = ("us-gov", "cn-")


def row_of(table: PriceTable, name: ModelName) -> Row | None:
    """The provider that sells a model under this name, and its row; None where no table has the price."""
    if name.opaque:
        return None
    if name.fine_tuned:
        return _fine_tuned(table, name)
    if name.host:
        return _at_host(table, name, host_named(name.host))
    if name.variant:  # of whoever passes the call on; a maker sells none
        return None
    if name.vendor in makers():
        # Perplexity's own ids repeat its name: `perplexity/glm-5.3`.
        ids = (name.base, f"{name.vendor}/{name.base}")
        return next((row for each in ids for row in _first_hand(table, each, [makers()[name.vendor]])), None)
    if name.vendor:  # or a host that sellers.toml does not have: a provider's own id
        at_provider = replace(name, host=name.vendor, vendor="", sold_as=name.base)
        return _at_host(table, at_provider, host_named(name.vendor))
    return _guess(table, name.base)


def first_hand_rows(table: PriceTable) -> Iterator[tuple[str, ModelInfo]]:
    """The rows of the models that their makers sell themselves, each behind its provider's id."""
    for provider in table.providers:
        if provider.id in makers().values():
            own = (model for model in provider.models if _is_makers_own(provider.id, model, model.id))
            yield from ((provider.id, model) for model in own)


def hosts_of(table: PriceTable, name: ModelName) -> list[str]:
    """The providers that sell a model of others, by their ids; who passes calls on for them comes last."""
    if name.fine_tuned:
        return []
    hosts = (each for each in table.providers if each.id not in makers().values())
    printed = _hosts_by_printed(table).get(folded(name.base), ())
    selling = [host.id for host in hosts if host.id in printed or _listed(host, host_named(host.id), name)]
    return sorted(selling, key=lambda host: (host.startswith("huggingface_"), host))


def spelled_row(table: PriceTable, name: ModelName) -> ModelInfo | None:
    """A maker's own row that a name means by another spelling: `claude-4.9-opus`, `Claude Haiku 3.5`.

    How much a model is to reason is an option of the call; some clients write it behind the model.
    """
    if name.host or name.variant or name.fine_tuned or name.opaque or name.vendor not in ("", *makers()):
        return None
    provider, known = makers().get(name.vendor, ""), _by_spelling(table)
    spelled = (*spellings(name.base), *spellings(_EFFORT.sub("", name.base)))
    found = next((known[each] for each in spelled if each in known), None)
    return found[1] if found and provider in ("", found[0]) else None


@lru_cache(maxsize=2)
def _by_spelling(table: PriceTable) -> dict[Hashable, tuple[str, ModelInfo]]:
    """The makers' own rows by the spellings that one of them alone has: an id before what is printed."""
    rows = list(first_hand_rows(table))
    ids = [(row[1].id, row) for row in rows]
    printed = [(row[1].name, row) for row in rows]
    # `Opus 4.8`: nobody else has such names.
    short = [(name.removeprefix("claude-"), row) for name, row in ids if row[0] == "anthropic"]
    return _of_one(short) | _of_one(printed) | _of_one(ids)


def _of_one(names: list[tuple[str, tuple[str, ModelInfo]]]) -> dict[Hashable, tuple[str, ModelInfo]]:
    """The rows by each spelling of their names that no other row has."""
    spelled = [(spelling, row) for name, row in names for spelling in spellings(name)]
    uses = Counter(spelling for spelling, _ in spelled)
    return {spelling: row for spelling, row in spelled if uses[spelling] == 1}


@lru_cache(maxsize=2)
def _hosts_by_printed(table: PriceTable) -> dict[str, set[str]]:
    """The providers by the names that they print, folded."""
    found: dict[str, set[str]] = defaultdict(set)
    for provider in table.providers:
        for model in provider.models:
            found[folded(as_id(model.name.casefold()))].add(provider.id)
    found.pop("", None)  # those that print none
    return found


def _fine_tuned(table: PriceTable, name: ModelName) -> Row | None:
    """A fine-tuned model has a price of its own, or none that is known: never its base model's."""
    provider = _provider(table, "openai")
    if provider is None or name.host or name.vendor not in ("", "openai"):
        return None
    # genai-prices knows `ft:gpt-4o-2024-08-06:…` by that date; people also leave it out.
    by_id = (model for model in provider.models if model.id == f"ft:{name.base}")
    model = provider.find_model(name.sold_as) or next(by_id, None)
    return (provider, model) if model else None


def _at_host(table: PriceTable, name: ModelName, host: Host) -> Row | None:
    provider = _provider(table, host.provider)
    if provider is None or not _is_listed(name, host):
        return None
    listed = _listed(provider, host, name)
    if listed is not None:
        return provider, listed
    # A maker's row that the host sells at the same price.
    return next(((provider, model) for _, model in _first_hand(table, name.base, host.like)), None)


def _listed(provider: Provider, host: Host, name: ModelName) -> ModelInfo | None:
    """A provider's own row for the id, or for the same model by another spelling."""
    by_id = filter(None, map(provider.find_model, _ids(name)))
    by_model = (model for model in provider.models if _is_same(_row_name(model.id, host), name))
    # A pattern for a region's id may fit a global one too, which costs less.
    is_global = host.form == "bedrock" and name.region == "global"
    found = (model for model in chain(by_id, by_model) if not is_global or model.id.startswith("global."))
    return next(found, None)


@lru_cache(maxsize=4_096)
def _row_name(model_id: str, host: Host) -> ModelName:
    """A row's own id, taken apart as its host's names are; every row of the table fits into the cache."""
    return FORMS[host.form](ModelName(model_id, host=host.name), model_id.casefold())


def _is_listed(name: ModelName, host: Host) -> bool:
    """Whether it can be in a list of prices: not by a user's own name, by the hour, or in a region apart."""
    if host.form == "bedrock":
        return not name.variant and not name.region.startswith(_APART)
    if host.form == "azure":
        return not name.region or name.region.startswith("global")
    return not (host.form == "fireworks" and name.is_chosen)


def _ids(name: ModelName) -> Iterator[str]:
    """The id at the host; a geography that the table does not list is billed as the region is."""
    yield name.sold_as
    if name.region != "global" and name.sold_as.startswith(f"{name.region}."):
        yield name.sold_as.removeprefix(f"{name.region}.")


def _is_same(row: ModelName, name: ModelName) -> bool:
    vendors = {row.vendor, name.vendor} - {""}
    return (row.base, row.variant, row.region) == (name.base, name.variant, "") and len(vendors) < 2


def _guess(table: PriceTable, base: str) -> Row | None:
    """genai-prices' own guess of the seller, if that makes the model; else a maker's row, else the guess."""
    guess = table.guess(base)
    if guess is not None and guess[0].id in makers().values():
        if _is_makers_own(guess[0].id, guess[1], base):
            return guess
        guess = None
    # A host's price, or a mainland one: whoever made the model comes first.
    return next(_first_hand(table, base, list(dict.fromkeys(makers().values()))), guess)


def _first_hand(table: PriceTable, base: str, provider_ids: list[str] | tuple[str, ...]) -> Iterator[Row]:
    for provider_id in provider_ids:
        provider = _provider(table, provider_id)
        model = provider.find_model(base, all_providers=table.providers) if provider else None
        if provider and model and _is_makers_own(provider_id, model, base):
            yield provider, model


def _is_makers_own(provider_id: str, model: ModelInfo, base: str) -> bool:
    """False for a row that stands under a maker who does not sell the model at that price.

    genai-prices fills some makers' lists from OpenRouter, and says so in the row's comment.
    """
    if model.is_from_openrouter:
        return False
    return not any(
        row["provider"] == provider_id and matches(base, row["match"])
        for row in read_table("prices/own_prices.toml")["not_sold"]
    )


def _provider(table: PriceTable, provider_id: str) -> Provider | None:
    return next((each for each in table.providers if each.id == provider_id), None)
