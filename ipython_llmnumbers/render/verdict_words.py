"""The codes that figures and estimates carry, in words."""

from __future__ import annotations

from ..estimates.memory.details import FitEstimate
from ..figures import Estimate, Figure, Note, Verdict
from ..messages import said, say, tell

_ORIGINS = {
    "given": say("given"),
    "measured": say("measured"),
    "published": say("published"),
    "assumed": say("assumed"),
    "derived": say("derived"),
}
_VERDICTS = {
    "fits": say("fits"),
    "tight": say("tight"),
    "does not fit": say("does not fit"),
}
_LEVELS = {
    "info": say("Info"),
    "warning": say("Warning"),
    "error": say("Error"),
}


MARKS: dict[Verdict, str] = {"fits": "✔", "tight": "⚠", "does not fit": "✖"}
_LEVEL_MARKS = {"info": "", "warning": "⚠ ", "error": "✖ "}


def origin_text(figure: Figure) -> str:
    """How the figure is known.

    >>> from ..figures import given
    >>> origin_text(given("calls", 3, "calls", "you"))
    'given'
    """
    return said(_ORIGINS[figure.origin])


def verdict_words(verdict: Verdict) -> str:
    """A verdict as a word."""
    return said(_VERDICTS[verdict])


def marked(verdict: Verdict) -> str:
    """A verdict as a word, with its mark."""
    return f"{MARKS[verdict]} {verdict_words(verdict)}"


def verdict_text(estimate: Estimate) -> str:
    """Whether it fits, with its mark; `unknown` where it cannot be told."""
    return marked(estimate.verdict) if estimate.verdict else tell("unknown")


def level_mark(note: Note) -> str:
    """The mark before a note: none where it only informs."""
    return _LEVEL_MARKS[note.level]


def exceeded_tokens(estimate: FitEstimate) -> int | None:
    """The context that a model was made for, where a longer one was asked for."""
    longest, asked = estimate.details.model_context_tokens, estimate["context_tokens"].value
    return longest if longest is not None and asked is not None and asked > longest else None


def fit_text(estimate: FitEstimate) -> str:
    """Whether a model fits, and that it was not made for so long a context."""
    longest = exceeded_tokens(estimate)
    verdict = verdict_words(estimate.verdict) if estimate.verdict else tell("unknown")
    if longest is None:
        return verdict
    return tell("{verdict}, but the model was made for {n:,} tokens", verdict=verdict, n=longest)


def level_text(note: Note) -> str:
    """What kind of note it is, as a heading."""
    return said(_LEVELS[note.level])
