"""Tokens of many texts, of a file, and of one text under many tokenizers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from ...catalog.tokenization.vocabularies import compared_models
from ...figures import Figure, Note, Source, derive, measured
from ...formulas.tokens import tokens_ratio
from ...messages import option, say
from ...probes.prompts.dataframes import texts_in
from ...probes.prompts.text import replace_lone_surrogates
from ...probes.prompts.text_files import Piece, read_pieces, text_file
from ...probes.tokenizers.engines import TOKENS_AT_A_CUT
from ..hosted_model import resolve_tokenizer
from .details import ManyTextsDetails, ManyTextsEstimate, OneTextEstimate, TokensComparison
from .length_statistics import histogram, spread
from .one_text import count_texts, counted_by, estimate_tokens, replaced_note, surrogate_notes
from .question import Tokens
from .texts import Texts


def compare_tokens(question: Tokens) -> TokensComparison:
    """One text under several tokenizers, each with its ratio to the first."""
    names = (
        question.model if len(question.model) > 1 else dict.fromkeys((*question.model, *compared_models()))
    )
    one = replace(question, compare=False)
    parts = [estimate_tokens(question.text, name, replace(one, model=(name,))) for name in names]
    first = parts[0]["tokens"]
    compared = tuple(_with_ratio(part, first, parts[0].subject) for part in parts)
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return TokensComparison(", ".join(names), notes=notes, question=question, parts=compared)


def estimate_texts(question: Tokens) -> ManyTextsEstimate:
    """Many texts: their total, how long they are, and a histogram."""
    (model,) = question.model
    label = question.label or option("text")
    found = texts_in(question.text, label)
    texts, n_empty = found.values, found.n_empty_rows
    cleaned = [replace_lone_surrogates(text) for text in texts]
    count = count_texts("tokens", Texts(text for text, _ in cleaned), resolve_tokenizer(model))
    total = count.figure
    source = counted_by(total)
    by_python = Source("Python", None, date.today())
    lengths = count.counts
    notes = [*surrogate_notes(sum(n for _, n in cleaned))]
    if n_empty:
        notes.append(Note(say("rows without a text, left out: {n:,}", n=n_empty)))
    figures = [total, measured("texts", len(texts), "texts", by_python, note=label)]
    if len(texts) > 1:
        figures += spread("tokens", lengths, total, source, say("texts"))
    return ManyTextsEstimate(
        subject=label,
        figures=tuple(figures),
        notes=tuple(notes),
        details=ManyTextsDetails(
            model=model, tokenizer=count.tokenizer, how=count.how, histogram=histogram(lengths)
        ),
        question=question,
    )


def estimate_file(
    question: Tokens, watch: Callable[[Iterable[Piece]], Iterable[Piece]] = iter
) -> ManyTextsEstimate:
    """A file's tokens, counted within bounded memory; `watch` may show the progress of its pieces."""
    path, (model,) = str(question.file), question.model
    choice = resolve_tokenizer(model)
    encoding = text_file(path).encoding.upper()
    n_pieces = n_hard_cuts = n_chars = n_replaced = 0
    low = value = high = 0
    last = None
    for piece in watch(read_pieces(path)):
        last = count_texts("tokens", Texts([piece.text]), choice)
        low, value, high = (
            total + int(each or 0)
            for total, each in zip(
                (low, value, high), (last.figure.low, last.figure.value, last.figure.high), strict=True
            )
        )
        n_pieces += 1
        n_hard_cuts += not piece.is_safe_cut
        n_chars += len(piece.text)
        n_replaced += piece.n_replaced
    assert last is not None, "a file has at least one piece"
    joints = TOKENS_AT_A_CUT.get(choice.vocabulary or "", 0) * (n_pieces - 1) + n_hard_cuts
    source = counted_by(last.figure)
    note = last.figure.note
    if joints:
        note = say("{how}, in {n} pieces", how=note, n=n_pieces)
    tokens = measured(
        "tokens",
        value,
        "tokens",
        source,
        low=low - joints,
        high=high,
        note=note,
        # What is replaced was another text.
        approximate=last.figure.approximate or n_replaced > 0,
    )
    chars = measured("chars", n_chars, "characters", Source("Python", None, date.today()), note=encoding)
    notes = (replaced_note(n_replaced),) if n_replaced else ()
    return ManyTextsEstimate(
        subject=path,
        figures=(tokens, chars),
        notes=notes,
        details=ManyTextsDetails(model=model, tokenizer=last.tokenizer, how=last.how, histogram=()),
        question=question,
    )


def _with_ratio(part: OneTextEstimate, first: Figure, first_name: str) -> OneTextEstimate:
    note = f"{part.subject} : {first_name}"
    tokens = part["tokens"]
    if not first.low or not first.value:
        return part
    ratio = derive("tokens_ratio", "×", tokens_ratio, note=note, tokens=tokens, first_tokens=first)
    return replace(part, figures=(*part.figures, ratio), pieces=())
