"""A corpus: its tokens, what they cost, how long its documents are."""

from __future__ import annotations

from ...estimates.corpus.details import CorpusEstimate
from ...figures import local_name
from ...messages import said, tell
from .. import formats
from ..figure_text import amount_text, beginning, point_text, range_or_point_text, range_text, value_text
from ..labels import label
from ..layout import Answer, Layout, Meters, Table, joined_facts, row

_COSTS = ("embed_usd", "process_usd", "tune_usd", "train_usd")


def corpus(estimate: CorpusEstimate) -> Layout:
    """The total; what it costs; the documents by length. Of several models one line each."""
    made = Table(
        tell("How it is made"),
        ("", tell("Value"), tell("How it is known")),
        tuple(map(row, estimate.figures)),
        is_folded=True,
    )
    tables = [_models(estimate)] if estimate.parts else [_costs(estimate)]
    tables += [made, *_lengths(estimate)]
    lines = () if estimate.parts else (tell("Tokenizer: {tokenizer}", tokenizer=estimate.details.tokenizer),)
    return Layout(tuple(tables), lines, estimate.notes, answer=_answer(estimate))


def _answer(estimate: CorpusEstimate) -> Answer:
    """The first model's tokens, and how much text they are of."""
    first = estimate.parts[0] if estimate.parts else estimate
    tokens, documents = first["tokens"], first["documents"]
    n_files = estimate.details.files
    files = tell("1 file") if n_files == 1 else tell("{n:,} files", n=n_files)
    facts = (
        range_text(tokens),
        said(estimate.subject),
        range_or_point_text(documents),
        files if n_files else "",
        range_or_point_text(first["text_bytes"]) if estimate.details.is_complete else "",
        said(first.details.model),
    )
    return Answer(tell("{tokens} tokens", tokens=point_text(tokens)), joined_facts(*facts))


def _costs(estimate: CorpusEstimate) -> Table:
    """A row for each thing to do with a corpus, with both ends of its dollars."""
    rows = []
    for name in _COSTS:
        if figure := estimate.get(name):
            usd = amount_text(figure, estimate.get(local_name(name)))
            rows.append((label(name), usd, range_text(figure), said(figure.note)))
    header = (tell("To use all of it"), tell("Cost"), tell("Range"), tell("How"))
    return Table("", header, tuple(rows), right=frozenset({1}))


def _models(estimate: CorpusEstimate) -> Table:
    rows = tuple(
        (
            said(part.subject),
            value_text(part["tokens"]),
            value_text(part["process_usd"]),
            value_text(part["tokens_p95"]) if "tokens_p95" in part else "–",
            beginning(part["tokens"].note),
        )
        for part in estimate.parts
    )
    header = (
        tell("Model"),
        label("tokens"),
        label("process_usd"),
        label("tokens_p95"),
        tell("Tokenizer"),
    )
    meters = Meters.of(label("tokens"), [part["tokens"] for part in estimate.parts])
    return Table("", header, rows, frozenset({1, 2, 3}), meters)


def _lengths(estimate: CorpusEstimate) -> list[Table]:
    """The documents by length in tokens: each bin is twice as wide as the one before."""
    bins = estimate.details.histogram
    if len(bins) < 2:
        return []
    rows = tuple(
        (
            formats.span(formats.count(low), formats.count(high - 1))
            if high - 1 > low
            else formats.count(low),
            formats.count(n),
        )
        for low, high, n in bins
    )
    counts = tuple(float(n) for *_, n in bins)
    meters = Meters(label("documents"), counts, tuple((n, n) for n in counts))
    header = (label("tokens"), label("documents"))
    if estimate.details.is_sample:
        title = tell("How many documents of the sample are how long")
    else:
        title = tell("How many documents are how long")
    return [Table(title, header, rows, meters=meters)]
