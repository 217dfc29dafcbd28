"""Resolve a model's name once, for every question that is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ..catalog.aliases import Alias, alias_of
from ..catalog.names import MOST_NAME_CHARS, ModelName, as_name, parse_name
from ..catalog.prices.find import as_sold, find_price, known_priced_models, price_hosts
from ..catalog.prices.price import Price
from ..catalog.sellers import host_named
from ..catalog.tokenization.attachments import Medium, MediumRule, medium_rule
from ..catalog.tokenization.chat_frames import (
    FrameRule,
    ToolRule,
    frame_rule,
    tool_rule,
)
from ..catalog.tokenization.vocabularies import VOCABULARIES, TokenizerChoice, find_tokenizer, ratio_tokenizer
from ..errors import UnknownNameError, UsageError
from ..figures import Source
from ..messages import say
from ..probes.tokenizers.local_files import local_tokenizer_file
from ..records import dataclass


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

    def medium(self, medium: Medium, detail: str = "") -> MediumRule | None:
        """How a picture, a PDF, sound or video is counted; None where nobody publishes a rule."""
        return medium_rule(medium, self.name, detail)

    @property
    def alias(self) -> Alias | None:
        """What the name means, where it moves from model to model."""
        return alias_of(self.name)

    @property
    def is_local(self) -> bool:
        """Whether it runs on a machine of the user's."""
        return host_named(self.name.host).is_local

    @property
    def maker_price(self) -> Price | None:
        """What the model's maker asks for it, where somebody else sells it under this name."""
        name = self.name
        is_resold = bool(name.host or name.vendor) and not name.opaque and not name.fine_tuned
        return find_price(name.from_maker()) if is_resold else None

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
    if price is None:
        name = as_sold(name)
        price = find_price(name, on, context)
    if price is not None and price.tokenizer is not None:
        return HostedModel(name, resolve_tokenizer(price.tokenizer), price)
    return HostedModel(name, _tokenizer_of(name, price), price)


def resolve_tokenizer(model: str) -> TokenizerChoice:
    """How to count for `model`, without looking at prices where the name alone says it.

    Raises:
        UsageError: no name at all.
        UnknownNameError: neither a tokenizer nor a price is known for the name.
    """
    name = _named(model)
    known = None if name.is_chosen else _own_tokenizer(name)
    return known or _tokenizer_of(name, find_price(name))


def known_models() -> list[str]:
    """The names that completion offers and that a typing error is compared with."""
    return [*known_priced_models(), *VOCABULARIES]


def _named(model: str) -> ModelName:
    if not model.strip():
        raise UsageError("no model given; name one, such as {option:model=gpt-4o}")
    is_long_path = len(model) > MOST_NAME_CHARS and local_tokenizer_file(model) is not None
    name = parse_name(model if is_long_path else as_name(say("model"), model))
    # With a space it is a name as it is printed, and no id.
    return as_sold(name) if " " in name.raw else name


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


def _tokenizer_of(name: ModelName, price: Price | None) -> TokenizerChoice:
    """By the name, else by the model that the price is for."""
    known = _own_tokenizer(name)
    if known is not None and name.is_chosen and price is None:
        return known.assumed(say("the name was chosen by a user; it is taken for the model's"))
    if known is not None:
        return known
    if price is None:
        raise UnknownNameError(
            say("model"), name.raw, () if name.is_chosen or name.opaque else known_models(), _hint(name)
        )
    # A host's price under another spelling may still say which model it is.
    return find_tokenizer(price.model) or ratio_tokenizer()


def _hint(name: ModelName) -> str:
    """The next step where nothing is known of a name."""
    if name.opaque:
        return say(
            "an id of this kind ({kind}) does not tell its model; name that, such as"
            " {option:model=us.anthropic.claude-sonnet-4-5-20250929-v1:0}",
            kind=name.opaque,
        )
    if name.is_chosen:
        return say(
            "a name that its user chose does not tell its model;"
            " name that, such as {option:model=azure/gpt-4o}"
        )
    return say("TAB behind {option:model} lists the known names; a path to a tokenizer.json works too")
