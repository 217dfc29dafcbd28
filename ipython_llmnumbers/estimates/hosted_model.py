"""Resolve a model's name once, for every question that is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from ..catalog.names import as_name
from ..catalog.prices.find import find_price, known_priced_models
from ..catalog.prices.price import Price
from ..catalog.tokenization.vocabularies import VOCABULARIES, TokenizerChoice, find_tokenizer, ratio_tokenizer
from ..errors import UnknownNameError, UsageError
from ..figures import Source
from ..messages import say
from ..probes.tokenizers.local_files import local_tokenizer_file


def resolve_tokenizer(model: str) -> TokenizerChoice:
    """How to count for `model`, without looking at prices where the name alone says it.

    Raises:
        UsageError: no name at all.
        UnknownNameError: neither a tokenizer nor a price is known for the name.
    """
    return _own_tokenizer(_named(model)) or _tokenizer_of_priced(model, find_price(model))


def resolve_priced(
    model: str, on: datetime | None = None, context: Mapping[str, str] | None = None
) -> tuple[TokenizerChoice, Price | None]:
    """How to count for `model`, and its price; None is a model whose price no table has.

    `on` and `context` are those of `find_price`.

    Raises:
        UsageError: no name at all.
        UnknownNameError: neither a tokenizer nor a price is known for the name.
    """
    price = find_price(_named(model), on, context)
    if price is not None and price.tokenizer is not None:
        return resolve_tokenizer(price.tokenizer), price
    return _own_tokenizer(model) or _tokenizer_of_priced(model, price), price


def known_models() -> list[str]:
    """The names that completion offers and that a typing error is compared with."""
    return [*known_priced_models(), *VOCABULARIES]


def _named(model: str) -> str:
    if not as_name(say("model"), model).strip():
        raise UsageError("no model given; name one with -m, such as -m gpt-4o")
    return model


def _own_tokenizer(model: str) -> TokenizerChoice | None:
    """The table's tokenizer where it is exact, else a file on this machine, else what the table has."""
    known = find_tokenizer(model)
    if known is not None and known.how == "exact":
        return known
    path = local_tokenizer_file(model)
    if path is None:
        return known
    source = Source(say("{file} of {model}", file=path.name, model=model), None, date.today())
    return TokenizerChoice("exact", say("file {path}", path=path), source)


def _tokenizer_of_priced(model: str, price: Price | None) -> TokenizerChoice:
    if price is None:
        hint = say("TAB behind -m lists the known names; a path to a tokenizer.json works too")
        raise UnknownNameError(say("model"), model, known_models(), hint)
    # A host's price under another spelling may still say which model it is.
    return find_tokenizer(price.model) or ratio_tokenizer()
