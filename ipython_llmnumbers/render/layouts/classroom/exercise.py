"""An exercise: what it asks, whether an answer is right, and the hints so far."""

from __future__ import annotations

from collections.abc import Iterator

from ....estimates.classroom.details import CheckDetails, CheckEstimate
from ....messages import said, tell
from ...formats import decimal_number
from ...layout import Answer, Layout, Table, joined_facts


def exercise(estimate: CheckEstimate) -> Layout:
    """The verdict first, then what was asked; the right answer is nowhere in it."""
    details = estimate.details
    hints = tuple(
        (tell("Hint {n}", n=index), said(hint)) for index, hint in enumerate(details.hints, start=1)
    )
    table = Table("", (tell("Hint"), ""), hints, right=frozenset())
    return Layout((table,) if hints else (), tuple(_lines(details)), answer=_answer(details))


def _answer(details: CheckDetails) -> Answer:
    if not details.answered:
        return Answer(details.exercise)
    if details.is_right:
        word = tell("✔ right")
    else:
        word = tell("✖ too large") if details.is_too_large else tell("✖ too small")
    return Answer(word, joined_facts(details.exercise, details.answered, _tolerance(details)))


def _tolerance(details: CheckDetails) -> str:
    if not details.tolerance_percent:
        return tell("the exact number is asked for")
    return tell("within {n} %", n=decimal_number(details.tolerance_percent))


def _lines(details: CheckDetails) -> Iterator[str]:
    """What is asked, without the marks of the lesson's Markdown; then what to do."""
    yield details.text.replace("`", "")
    if not details.answered:
        yield tell("Answer: %llmnumbers {option:check={exercise}} …", exercise=details.exercise)
    elif not details.is_right and len(details.hints) < details.n_hints:
        yield tell("Try again; the next answer, or {option:hint}, opens the next hint.")
