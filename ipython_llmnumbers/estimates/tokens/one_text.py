"""How many tokens a text is, and where the cuts are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ...catalog.numbers_2023 import published_number
from ...catalog.tokenization.ratios import measured_ratio, open_vocabularies, unmeasured_ratio
from ...catalog.tokenization.vocabularies import TokenizerChoice
from ...figures import Figure, Note, Source, TokenPiece, derive, measured, published
from ...formulas.tokens import tokens_by_ratio, tokens_per_char, tokens_per_word
from ...messages import joined, say
from ...probes.prompts.text import count_words, replace_lone_surrogates
from ...probes.prompts.text_kinds import kinds
from ...probes.tokenizers.engines import Engine, embedded_engine, load_engine
from ...records import dataclass
from ..hosted_model import resolve_tokenizer
from .details import OneTextDetails, OneTextEstimate
from .question import Tokens
from .texts import Texts

# The vocabulary that every measured ratio is relative to.
REFERENCE_VOCABULARY = "o200k_base"


@dataclass(frozen=True, slots=True)
class TextCount:
    """The figure, each text's own count, and what the token view needs.

    `ids` are those of a single text, and empty where its cuts are not known.
    """

    figure: Figure
    how: str
    tokenizer: str
    counts: tuple[int, ...]
    ids: Sequence[int] = ()
    engine: Engine | None = None


def counted_by(figure: Figure) -> Source:
    """What counted it; where a ratio did, which has no source of its own, that."""
    return figure.source or Source(say("counted by ratio"), None, date.today())


def count_texts(name: str, texts: Texts, choice: TokenizerChoice) -> TextCount:
    """Count texts, each by itself: exactly by an engine, else by ratio."""
    engine = load_engine(choice.vocabulary) if choice.vocabulary else None
    if engine is None:
        return _by_ratio(name, texts, choice)
    ids_of_texts = texts.ids(choice.vocabulary or "", engine)
    counts = tuple(len(ids) for ids in ids_of_texts)
    figure = counted_figure(name, sum(counts), choice, engine.name, engine.note)
    cuts = (ids_of_texts[0], engine) if engine.token_bytes and len(counts) == 1 else ((), None)
    return TextCount(figure, choice.how, tokenizer_words(choice, engine.name), counts, *cuts)


def counted_figure(name: str, tokens: int, choice: TokenizerChoice, engine: str, about: str = "") -> Figure:
    """Tokens that an engine counted with the vocabulary of the choice."""
    source = Source(engine, None, date.today(), basis=choice.source)
    note = joined("; ", _how_note(choice), about)
    return measured(name, tokens, "tokens", source, note=note, approximate=choice.how != "exact")


def tokenizer_words(choice: TokenizerChoice, engine: str) -> str:
    """The vocabulary, and the engine that counted with it."""
    return say("{vocabulary} ({engine})", vocabulary=choice.vocabulary, engine=engine)


def _how_note(choice: TokenizerChoice) -> str:
    """Which vocabulary counts, and how sure it is that it is the model's."""
    vocabulary = choice.vocabulary
    match choice.how:
        case "assumed":
            why = choice.note or say("no vocabulary is published for this model")
            return joined(": ", say("{vocabulary}, assumed", vocabulary=vocabulary), why)
        case "mapped":
            how = say("{vocabulary}, by Google's own mapping; text only", vocabulary=vocabulary)
        case "unofficial":
            how = say("{vocabulary}, unofficial", vocabulary=vocabulary)
        case _:
            how = say("exact ({vocabulary})", vocabulary=vocabulary)
    return joined("; ", how, choice.note)


def estimate_tokens(text: str, model: str, question: Tokens | None = None) -> OneTextEstimate:
    """One text under one model; its ids too if the question asks for them."""
    choice = resolve_tokenizer(model)
    clean, n_surrogates = replace_lone_surrogates(text)
    count = count_texts("tokens", Texts([clean]), choice)
    return OneTextEstimate(
        subject=model,
        figures=tuple(_figures(count.figure, clean)),
        notes=tuple(surrogate_notes(n_surrogates)),
        details=OneTextDetails(
            model=model,
            tokenizer=count.tokenizer,
            how=count.how,
            ids=tuple(count.ids) if question and question.ids else None,
        ),
        question=question,
        pieces=tuple(_pieces(count)),
    )


def _figures(tokens: Figure, text: str) -> Iterator[Figure]:
    """`tokens`, `words`, `chars`, `tokens_per_word`, of English `rule_tokens_per_word`, `tokens_per_char`.

    A ratio to no words or characters is unknown.
    """
    by_python = Source("Python", None, date.today())
    n_words, n_chars = count_words(text), len(text)
    how = say("between white space") if n_words is not None else say("no spaces between words")
    words = measured("words", n_words or None, "words", by_python, note=how)
    chars = measured("chars", n_chars, "characters", by_python, note=say("Unicode code points"))
    some = chars if n_chars else measured("chars", None, "characters", by_python)
    yield from (tokens, words, chars)
    yield derive("tokens_per_word", "tokens/word", tokens_per_word, tokens=tokens, words=words)
    if n_words and next(iter(kinds(text)), "") == "english":
        note = say("English, 2023")
        yield replace(published_number("tokens_per_word"), name="rule_tokens_per_word", note=note)
    yield derive("tokens_per_char", "tokens/character", tokens_per_char, tokens=tokens, chars=some)


def surrogate_notes(n_surrogates: int) -> Iterator[Note]:
    if n_surrogates:
        text = say("lone surrogates, which no tokenizer takes, counted as U+FFFD: {n:,}", n=n_surrogates)
        yield Note(text)


def replaced_note(n_chars: int) -> Note:
    """How many characters were no UTF-8."""
    return Note(say("characters that are no UTF-8, counted as U+FFFD: {n:,}", n=n_chars))


@dataclass(frozen=True, slots=True)
class RatioCount:
    """A count by ratio: the figure, what counted, and of which vocabulary the ratio is taken."""

    figure: Figure
    tokenizer: str
    vocabulary: str
    ratio: float


def reference_vocabularies(choice: TokenizerChoice) -> tuple[str, ...]:
    """The vocabularies whose counts stand in for one that is not at hand."""
    if choice.between:
        return choice.between
    return open_vocabularies() if choice.ratio_column is None else (REFERENCE_VOCABULARY,)


def ratio_count(
    name: str, counts: Mapping[str, int], shares: Mapping[str, float], n_chars: int, choice: TokenizerChoice
) -> RatioCount:
    """A range, from what the reference vocabularies count of a text of these kinds."""
    if choice.between:
        ratio = published("ratio", 1.0, "", choice.source, note=say("one of them is the model's own"))
        note = tokenizer = say("between {vocabularies}", vocabularies=", ".join(counts))
    elif choice.ratio_column is None:
        ratio = unmeasured_ratio(shares, n_chars)
        note = tokenizer = say("between {n} open vocabularies", n=len(counts))
    else:
        ratio = measured_ratio(shares, n_chars, choice.ratio_column)
        tokenizer = say("{vocabulary} × measured ratio", vocabulary=REFERENCE_VOCABULARY)
        note = joined(": ", say("ratio to {vocabulary}", vocabulary=REFERENCE_VOCABULARY), ratio.note)
    ranked = sorted(counts, key=lambda vocabulary: counts[vocabulary])
    middle = ranked[len(ranked) // 2]
    engine = embedded_engine(middle).name
    tokens = measured(
        "reference_tokens",
        counts[middle],
        "tokens",
        Source(engine, f"https://pypi.org/project/{engine.partition(' ')[0]}/", date.today()),
        low=counts[ranked[0]],
        high=counts[ranked[-1]],
        note=say("exact ({vocabulary})", vocabulary=", ".join(counts)),
    )
    note = joined("; ", note, choice.note)
    figure = derive(name, "tokens", tokens_by_ratio, reference_tokens=tokens, ratio=ratio, note=note)
    # A few tokens round to no range at all, and are not exact for that.
    return RatioCount(replace(figure, approximate=True), tokenizer, middle, float(ratio.value or 0))


def _by_ratio(name: str, texts: Texts, choice: TokenizerChoice) -> TextCount:
    """A range, where no engine is at hand: by the kind of text, or between what open vocabularies count."""
    by_text = {each: _count_each(each, texts) for each in reference_vocabularies(choice)}
    counts = {vocabulary: sum(each) for vocabulary, each in by_text.items()}
    found = ratio_count(name, counts, texts.kinds, texts.n_chars, choice)
    lengths = tuple(tokens_by_ratio(count, found.ratio) for count in by_text[found.vocabulary])
    return TextCount(found.figure, "ratio", found.tokenizer, lengths)


def _count_each(vocabulary: str, texts: Texts) -> list[int]:
    return [len(ids) for ids in texts.ids(vocabulary, embedded_engine(vocabulary))]


def _pieces(count: TextCount) -> Iterator[TokenPiece]:
    if count.engine is None or count.engine.token_bytes is None:
        return
    for token_id in count.ids:
        yield TokenPiece(token_id, count.engine.token_bytes(token_id))
