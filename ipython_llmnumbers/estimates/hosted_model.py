"""Resolve a model's name once, for every question that is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ..catalog.names import MOST_NAME_CHARS, ModelName, as_name, parse_name
from ..catalog.prices.find import find_price, known_priced_models, price_hosts
from ..catalog.prices.price import Price
from ..catalog.tokenization.chat_frames import (
    FrameRule,
    ImageCost,
    ToolRule,
    frame_rule,
    image_cost,
    tool_rule,
)
from ..catalog.tokenization.vocabularies import VOCABULARIES, TokenizerChoice, find_tokenizer, ratio_tokenizer
from ..errors import UnknownNameError, UsageError
from ..figures import Source
from ..messages import say
from ..probes.tokenizers.local_files import local_tokenizer_file


@dataclass(frozen=True, slots=True)
class HostedModel:
    """A model behind an API, found once: how its tokens are counted, and what they cost.

    `price` is None where no table has one. The name is taken apart here; nothing below reads it again.
    """

    name: ModelName
    tokenizer: TokenizerChoice
    price: Price | None

    def __str__(self) -> str:
        return self.name.raw

    @property
    def frame(self) -> FrameRule:
        """What stands around each message."""
        return frame_rule(self.name)

    @property
    def tools(self) -> ToolRule:
        """What tools cost beside their schemas."""
        return tool_rule(self.name)

    @property
    def image(self) -> ImageCost | None:
        """How an image is counted; None where no rule could be sourced."""
        return image_cost(self.name)

    @property
    def hosts(self) -> list[str]:
        """Who sells it under this name, where no table has a price of its maker."""
        return price_hosts(self.name)


def resolve_hosted(
    model: str, on: date | None = None, context: Mapping[str, str] | None = None
) -> HostedModel:
    """The model of that name; `on` and `context` are those of `find_price`.

    Raises:
        UsageError: no name at all.
        UnknownNameError: neither a tokenizer nor a price is known for the name.

    >>> resolve_hosted("openai/gpt-4o").tokenizer.vocabulary
    'o200k_base'
    """
    name = _named(model)
    price = find_price(name, on, context)
    if price is not None and price.tokenizer is not None:
        return HostedModel(name, resolve_tokenizer(price.tokenizer), price)
    return HostedModel(name, _own_tokenizer(name) or _tokenizer_of_priced(name, price), price)


def resolve_tokenizer(model: str) -> TokenizerChoice:
    """How to count for `model`, without looking at prices where the name alone says it.

    Raises:
        UsageError: no name at all.
        UnknownNameError: neither a tokenizer nor a price is known for the name.
    """
    name = _named(model)
    return _own_tokenizer(name) or _tokenizer_of_priced(name, find_price(name))


def known_models() -> list[str]:
    """The names that completion offers and that a typing error is compared with."""
    return [*known_priced_models(), *VOCABULARIES]


def _named(model: str) -> ModelName:
    if not model.strip():
        raise UsageError("no model given; name one, such as {option:model=gpt-4o}")
    is_long_path = len(model) > MOST_NAME_CHARS and local_tokenizer_file(model) is not None
    return parse_name(model if is_long_path else as_name(say("model"), model))


def _own_tokenizer(model: ModelName) -> TokenizerChoice | None:
    """The table's tokenizer where it is exact, else a file on this machine, else what the table has."""
    known = find_tokenizer(model)
    if known is not None and known.how == "exact":
        return known
    path = local_tokenizer_file(model.raw)
    if path is None:
        return known
    source = Source(say("{file} of {model}", file=path.name, model=model.raw), None, date.today())
    return TokenizerChoice("exact", say("file {path}", path=path), source)


def _tokenizer_of_priced(model: ModelName, price: Price | None) -> TokenizerChoice:
    if price is None:
        hint = say("TAB behind {option:model} lists the known names; a path to a tokenizer.json works too")
        raise UnknownNameError(say("model"), model.raw, known_models(), hint)
    # A host's price under another spelling may still say which model it is.
    return find_tokenizer(price.model) or ratio_tokenizer()
