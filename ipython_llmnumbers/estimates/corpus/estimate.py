"""A corpus counted: its tokens under each model, how long its documents are, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from ...catalog.tokenization.vocabularies import TokenizerChoice
from ...corpus.count import Asked, Ends, Result, count_corpus
from ...corpus.lengths import Lengths
from ...corpus.planning.plan import Wanted
from ...corpus.run import Watch
from ...corpus.tally import BAD_ROWS
from ...figures import UNBOUNDED, Figure, Number, Source, assumed, derive, measured
from ...formulas import chat
from ...formulas.tokens import mean_tokens, tokens_by_ratio
from ...messages import joined, say, voice
from ...probes.tokenizers.engines import load_engine
from ...records import dataclass
from ..currency import with_currency
from ..hosted_model import HostedModel, resolve_hosted
from ..subjects import InMemory
from ..tokens.one_text import (
    counted_figure,
    ratio_count,
    reference_vocabularies,
    tokenizer_words,
)
from .chats import beside_text_figures, has_chats
from .costs import embed_usd, process_figures, training_figures
from .details import CorpusDetails, CorpusEstimate
from .notes import count_notes
from .question import Corpus

# What does not depend on the model, but for the mean, which is the first one's.
_OF_ALL_MODELS = ("documents", "text_bytes", "bad_rows", "tokens_mean")
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class _Count:
    """What one model counts: the tokens, the lengths of the documents, and what a length is multiplied by.

    `ratio` is the least, the likely and the most of the model's tokens for one that was counted.
    """

    tokens: Figure
    tokenizer: str
    how: str
    lengths: Lengths
    ratio: tuple[float, float, float] = (1.0, 1.0, 1.0)


def estimate_corpus(
    question: Corpus, watch: Callable[[int | None], Watch] = lambda _: lambda _: None
) -> CorpusEstimate:
    """The corpus under each model; `watch` is told how many bytes there are, and then what is done."""
    models = [resolve_hosted(name) for name in question.model]
    embedder = resolve_hosted(question.embed_model)
    needed = tuple(dict.fromkeys(each for model in models for each in _vocabularies(model.tokenizer)))
    asked = Asked(
        sources=question.paths,
        vocabularies=needed,
        also=_vocabularies(embedder.tokenizer),
        wanted=Wanted(question.field or (), question.encoding),
        sample=question.sample,
        executor=question.executor,
        n_workers=question.workers,
        resume=question.resume,
        tells_kinds=any(not _has_engine(model.tokenizer) for model in (*models, embedder)),
        language=voice().language,
    )
    result = count_corpus(asked, watch)
    kept = _without_objects(question)
    parts = tuple(_of_model(kept, result, model, embedder, needed[0]) for model in models)
    if len(parts) == 1:
        return with_currency(parts[0], question.money)
    first = parts[0]
    shared = tuple(figure for figure in first.figures if figure.name in _OF_ALL_MODELS)
    whole = replace(first, subject=_subject(kept), figures=shared, parts=parts, notes=first.notes)
    return with_currency(whole, question.money)


def _of_model(
    question: Corpus, result: Result, model: HostedModel, embedder: HostedModel, first: str
) -> CorpusEstimate:
    count = _counted("text_tokens" if has_chats(result) else "tokens", result, model.tokenizer)
    parts = [count.tokens, *beside_text_figures(result, model)] if has_chats(result) else []
    tokens = _with_beside(parts) if parts else count.tokens
    documents = _documents(result)
    lengths = tuple(_length_figures(count, documents, result))
    figures = [tokens, *parts, documents, *_facts(result), *lengths]
    figures.append(embed_usd(_to_embed(result, embedder.tokenizer, first), embedder))
    figures += process_figures(question, tokens, documents, lengths[-1], model)
    figures += training_figures(tokens, question.tune_model)
    return CorpusEstimate(
        subject=str(model) if len(question.model) > 1 else _subject(question),
        figures=tuple(figures),
        notes=tuple(count_notes(result, model.tokenizer, question.encoding)),
        details=CorpusDetails(
            model=str(model),
            tokenizer=count.tokenizer,
            how=count.how,
            histogram=count.lengths.doublings(count.ratio[1]),
            files=result.n_files,
            counted_bytes=result.tally.size,
            total_bytes=result.size,
            is_complete=not result.stopped,
            is_sample=result.sampled_size is not None,
            bad_rows={BAD_ROWS[reason]: n for reason, n in result.tally.bad_rows.items()},
            samples={BAD_ROWS[reason]: tuple(each) for reason, each in result.tally.samples.items()},
            problems=dict(result.tally.problems),
            workers=result.n_workers,
            embed_model=question.embed_model,
            tune_model=question.tune_model,
        ),
        question=question,
    )


def _with_beside(parts: Sequence[Figure]) -> Figure:
    """`tokens`: those of the texts, and of what is beside them in chats."""
    named = {part.name: part for part in parts}
    return derive("tokens", "tokens", chat.input_tokens, note=parts[0].note, **named)


def _has_engine(choice: TokenizerChoice) -> bool:
    return choice.vocabulary is not None and load_engine(choice.vocabulary) is not None


def _vocabularies(choice: TokenizerChoice) -> tuple[str, ...]:
    """What is to be counted for a model: its own vocabulary, or those that its ratio is of."""
    if choice.vocabulary is not None and _has_engine(choice):
        return (choice.vocabulary,)
    return reference_vocabularies(choice)


def _counted(name: str, result: Result, choice: TokenizerChoice) -> _Count:
    """The tokens of the whole, with the range of a sample, of cuts and of a ratio."""
    if choice.vocabulary is not None and _has_engine(choice):
        low, likely, high = result.totals.get(choice.vocabulary, (0, 0, 0))
        engine = result.tally.engines.get(choice.vocabulary, "splintr")
        figure = counted_figure(name, likely, choice, engine)
        # What is replaced was another text.
        is_about = figure.approximate or low != high or result.tally.n_replaced > 0
        figure = replace(figure, low=low, high=high, approximate=is_about)
        lengths = result.tally.of(choice.vocabulary).lengths
        return _Count(_of_sample(figure, result), tokenizer_words(choice, engine), choice.how, lengths)
    vocabularies = reference_vocabularies(choice)
    totals = {each: result.totals.get(each, (0, 0, 0)) for each in vocabularies}
    kinds = result.tally.kinds
    shares = {kind: n / sum(kinds.values()) for kind, n in sorted(kinds.items(), key=lambda each: -each[1])}
    counts = {each: likely for each, (_, likely, _) in totals.items()}
    found = ratio_count(name, counts, shares, result.tally.n_chars, choice)
    figure, likely = found.figure, totals[found.vocabulary][1]
    ends = (figure.low, figure.high) if likely else ()
    ratio = sorted([found.ratio, *(float(end or 0) / likely for end in ends)])
    if result.sampled_size is not None:
        figure = _of_sample(_widened(figure, *totals[found.vocabulary]), result)
    lengths = result.tally.of(found.vocabulary).lengths
    return _Count(figure, found.tokenizer, "ratio", lengths, (ratio[0], found.ratio, ratio[-1]))


def _of_sample(figure: Figure, result: Result) -> Figure:
    """Of the whole, an exact count of a sample is no exact one."""
    if result.sampled_size is None:
        return figure
    how = say("{how}, in the sample", how=figure.note)
    return replace(figure, note=joined("; ", how, _sampled_words(result)))


def _widened(figure: Figure, low: int, likely: int, high: int) -> Figure:
    """The range of a ratio, and that of the sample that it was multiplied with."""
    if not likely:
        return figure
    least, most = int(figure.low or 0) * low // likely, int(figure.high or 0) * high // likely
    return replace(figure, low=least, high=most)


def _to_embed(result: Result, choice: TokenizerChoice, first: str) -> Figure:
    """The tokens of the embedding model: counted, or by the beginnings of the parts."""
    probed = result.tally.probed.get(choice.vocabulary or "")
    if probed is None:
        return _counted("tokens", result, choice).tokens
    low, likely, high = result.totals.get(first, (0, 0, 0))
    note = say(
        "{vocabulary}, by its ratio to {first} in the first 64 kB of each part",
        vocabulary=choice.vocabulary,
        first=first,
    )
    source = Source(result.tally.engines.get(choice.vocabulary or "", "splintr"), None, date.today())
    reference = measured("reference_tokens", likely, "tokens", source, low=low, high=high)
    ratio = measured("ratio", probed.ratio, "", source, low=probed.low, high=probed.high)
    return derive("tokens", "tokens", tokens_by_ratio, reference_tokens=reference, ratio=ratio, note=note)


def _documents(result: Result) -> Figure:
    return _of_whole(
        "documents", "documents", result.documents, result, say("a file of text, or a row of a table, is one")
    )


def _facts(result: Result) -> Iterator[Figure]:
    """`text_bytes` (bytes), `bad_rows` (rows)."""
    yield _of_whole("text_bytes", "bytes", result.text_bytes, result, say("of the texts, in UTF-8"))
    yield _of_whole("bad_rows", "rows", result.bad_rows, result, say("not counted; see the notes"))


def _of_whole(name: str, unit: str, ends: Ends, result: Result, note: str) -> Figure:
    """A count of the whole, with the interval of a sample."""
    low, likely, high = ends
    source = Source("Python", None, date.today())
    note = joined("; ", note, _sampled_words(result))
    return measured(name, likely, unit, source, low=low, high=high, note=note)


def _length_figures(count: _Count, documents: Figure, result: Result) -> Iterator[Figure]:
    """`tokens_mean`, `tokens_p50`, `tokens_p95`, `tokens_p99` and `tokens_max` (tokens) of a document.

    A quantile above 256 tokens is known to 1.1 %: see `corpus.lengths`. Of a sample it is that of the
    sample, and the longest document is at least its longest.
    """
    lengths = count.lengths
    n = lengths.n_documents
    source = count.tokens.source or Source(say("counted by ratio"), None, date.today())
    if not n:
        yield assumed("tokens_max", None, "tokens", say("no whole document was counted"))
        return
    if not result.stopped:
        yield derive("tokens_mean", "tokens", mean_tokens, tokens=count.tokens, documents=documents)
    is_sample = result.sampled_size is not None
    text_alone = say("text alone, without frames") if has_chats(result) else ""
    note = joined("; ", _of_documents(n, is_sample=is_sample), text_alone)
    is_ratio = count.how != "exact"
    least, likely, most = count.ratio

    def figure(name: str, low: int, high: int, greatest: Number) -> Figure:
        middle = tokens_by_ratio((low + high) // 2, likely)
        low = tokens_by_ratio(low, least)
        return measured(
            name, middle, "tokens", source, low=low, high=greatest, note=note, approximate=is_ratio
        )

    for name, share in _QUANTILES.items():
        low, high = lengths.quantile(share)
        yield figure(f"tokens_{name}", low, high, tokens_by_ratio(high, most))
    longest = lengths.longest
    greatest = UNBOUNDED if is_sample else tokens_by_ratio(longest, most)
    yield figure("tokens_max", longest, longest, greatest)


def _of_documents(n: int, *, is_sample: bool) -> str:
    if is_sample:
        return say("documents of the sample: {n:,}", n=n)
    return say("of 1 document") if n == 1 else say("of {n:,} documents", n=n)


def _sampled_words(result: Result) -> str:
    if result.sampled_size is None:
        return ""
    share = result.sampled_size / (result.size or 1)
    return say("95 % interval of a sample of {share:.2%} of the bytes", share=share)


def _subject(question: Corpus) -> str:
    paths = question.paths
    if isinstance(paths, InMemory):
        return paths.name
    return str(paths[0]) if len(paths) == 1 else say("{path} and {n} more", path=paths[0], n=len(paths) - 1)


def _without_objects(question: Corpus) -> Corpus:
    """The question as an estimate keeps it: neither the table nor the executor is held."""
    paths = question.paths
    kept = paths if isinstance(paths, tuple | InMemory) else InMemory(type(paths).__name__)
    executor = question.executor
    name = executor if isinstance(executor, str | None) else type(executor).__name__
    return replace(question, paths=kept, executor=name)
