"""How many tokens a text is, and where the cuts are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ..catalog.ratios import token_ratio
from ..catalog.tokenizers import TokenizerChoice
from ..errors import LLMNumbersError
from ..figures import Estimate, Figure, Note, Source, TokenPiece, derive, measured
from ..formulas.tokens import tokens_by_ratio, tokens_per_char, tokens_per_word
from ..probes.text import count_words, replace_lone_surrogates, scripts
from ..probes.tokens import Engine, load_engine
from .models import resolve_tokenizer

# The vocabulary that every measured ratio is relative to.
REFERENCE_VOCABULARY = "o200k_base"

_HOW_NOTES = {
    "exact": "exact ({vocabulary})",
    "assumed": "{vocabulary}, assumed: no vocabulary is published for this model",
    "mapped": "{vocabulary}, by Google's own mapping; text only",
    "unofficial": "{vocabulary}, unofficial",
}


@dataclass(frozen=True, slots=True)
class TokenCount:
    """The figure, and what the token view needs: ids are empty where cuts are not known."""

    figure: Figure
    how: str
    tokenizer: str
    ids: Sequence[int] = ()
    engine: Engine | None = None


def count_with(name: str, text: str, choice: TokenizerChoice) -> TokenCount:
    """Count a text free of lone surrogates: exactly where an engine is at hand, else by ratio."""
    engine = load_engine(choice.vocabulary) if choice.vocabulary else None
    if engine is not None:
        ids = engine.encode(text)
        note = _HOW_NOTES[choice.how].format(vocabulary=choice.vocabulary)
        source = Source(f"{engine.name}; {choice.source.name}", choice.source.url, date.today())
        figure = measured(name, len(ids), "tokens", source, note=note, approximate=choice.how != "exact")
        cuts = (ids, engine) if engine.token_bytes else ((), None)
        return TokenCount(figure, choice.how, f"{choice.vocabulary} ({engine.name})", *cuts)
    return TokenCount(_by_ratio(name, text, choice), "ratio", f"{REFERENCE_VOCABULARY} × measured ratio")


def estimate_tokens(text: str, model: str) -> Estimate:
    """The estimate behind `count_tokens` and `%tokens`."""
    if not isinstance(text, str):
        raise LLMNumbersError(f"the text to count must be a str, not {type(text).__name__}")
    choice = resolve_tokenizer(model)
    clean, n_surrogates = replace_lone_surrogates(text)
    count = count_with("tokens", clean, choice)
    by_python = Source("Python", None, date.today())
    n_words = count_words(clean)
    words = measured(
        "words",
        n_words or None,
        "words",
        by_python,
        note="between white space" if n_words is not None else "no spaces between words",
    )
    chars = measured("chars", len(clean), "characters", by_python, note="Unicode code points")
    some_chars = chars if clean else measured("chars", None, "characters", by_python)
    return Estimate(
        kind="tokens",
        subject=model,
        figures=(
            count.figure,
            words,
            chars,
            derive("tokens_per_word", "tokens/word", tokens_per_word, tokens=count.figure, words=words),
            derive(
                "tokens_per_char", "tokens/character", tokens_per_char, tokens=count.figure, chars=some_chars
            ),
        ),
        notes=tuple(surrogate_notes(n_surrogates)),
        details={"model": model, "tokenizer": count.tokenizer, "how": count.how},
        request={"model": model},
        pieces=tuple(_pieces(count)),
    )


def surrogate_notes(n_surrogates: int) -> Iterator[Note]:
    if n_surrogates:
        yield Note(f"{n_surrogates} lone surrogates counted as U+FFFD: no tokenizer takes half a character")


def _by_ratio(name: str, text: str, choice: TokenizerChoice) -> Figure:
    reference = load_engine(REFERENCE_VOCABULARY)
    assert reference is not None, "o200k_base is compiled into splintr"
    source = Source(reference.name, "https://pypi.org/project/splintr-rs/", date.today())
    tokens = measured(
        "reference_tokens",
        len(reference.encode(text)),
        "tokens",
        source,
        note=f"exact ({REFERENCE_VOCABULARY})",
    )
    ratio = token_ratio(scripts(text), choice.ratio_column, choice.source)
    return derive(
        name,
        "tokens",
        tokens_by_ratio,
        reference_tokens=tokens,
        ratio=ratio,
        note=f"ratio to {REFERENCE_VOCABULARY}: {ratio.note}",
    )


def _pieces(count: TokenCount) -> Iterator[TokenPiece]:
    if count.engine is None or count.engine.token_bytes is None:
        return
    for token_id in count.ids:
        yield TokenPiece(token_id, count.engine.token_bytes(token_id))
