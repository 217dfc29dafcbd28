"""What a corpus tells beside its figures: what counted it, how long its documents are, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...figures import Estimate
from ...records import dataclass
from ..tokens.details import ManyTextsDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusDetails(ManyTextsDetails):
    """What counted a corpus, and what of it."""

    files: int
    """The files that were found; 0 of a table in memory."""
    counted_bytes: int
    """The bytes on the disk that were counted, those of bad rows too."""
    total_bytes: int
    """The bytes on the disk of all files."""
    is_complete: bool
    """Whether nothing stopped the count."""
    is_sample: bool
    """Whether a sample was counted: the histogram, `bad_rows` and `samples` are of it."""
    bad_rows: Mapping[str, int]
    """How many rows were not counted, by what is wrong with them."""
    samples: Mapping[str, tuple[str, ...]]
    """The places of some of them, by what is wrong."""
    problems: Mapping[str, str]
    """The files that could not be read, or not to their end, each with what is wrong."""
    workers: int
    """The processes that counted on this machine; 1 is the notebook's own."""
    embed_model: str
    """The model of `embed_usd`."""
    tune_model: str
    """The model of `tune_usd` and `train_usd`."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CorpusEstimate(Estimate):
    """How many tokens a corpus is; of several models, `parts` is one for each."""

    kind: ClassVar[str] = "corpus"
    details: CorpusDetails
    parts: tuple[CorpusEstimate, ...] = ()
