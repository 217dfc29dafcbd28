"""What a count of tokens tells beside its figures: the tokenizer, and of one text the ids."""

from __future__ import annotations

from dataclasses import field
from typing import ClassVar

from ...figures import Details, Estimate
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensDetails(Details):
    """What counted, and how sure it is."""

    model: str
    """The model, as it was asked for."""
    tokenizer: str
    """What counted the text: the vocabulary and its engine."""
    how: str
    """How sure the count is: `exact`, `assumed`, `mapped`, `unofficial` or `ratio`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTextDetails(TokensDetails):
    """What counted one text."""

    ids: tuple[int, ...] | None = None
    """The ids of the tokens, if they were asked for; empty if the tokenizer does not tell them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyTextsDetails(TokensDetails):
    """What counted many texts, and how long they are."""

    histogram: tuple[tuple[int, int, int], ...]
    """How many texts have a length in each bin: (low, high, texts), in tokens, high excluded."""


@dataclass(frozen=True, repr=False, kw_only=True)
class TokensEstimate(Estimate):
    """A count of tokens: of one text, of many, or of one text for several models."""

    kind: ClassVar[str] = "tokens"
    details: TokensDetails
    parts: tuple[OneTextEstimate, ...] = ()


@dataclass(frozen=True, repr=False, kw_only=True)
class OneTextEstimate(TokensEstimate):
    """How many tokens one text is for one model."""

    details: OneTextDetails


@dataclass(frozen=True, repr=False, kw_only=True)
class ManyTextsEstimate(TokensEstimate):
    """How many tokens many texts or a file are."""

    kind: ClassVar[str] = "token_stats"
    details: ManyTextsDetails


@dataclass(frozen=True, repr=False, kw_only=True)
class TokensComparison(TokensEstimate):
    """One text for several models: each of `parts` has its details."""

    details: TokensDetails = field(init=False, compare=False)
