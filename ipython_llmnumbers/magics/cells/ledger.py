"""`%llmcost --ledger`: what was estimated and what calls cost so far, and what is written into the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import LLMNumbersError, UsageError, net
from ...files.reading import user_path
from ...messages import shorten, tell
from ..exports import export
from ..options import refuse

if TYPE_CHECKING:
    from ...estimates.answer_lengths import RecordedAnswers
    from ...figures import Estimate
    from ...usage.ledger.book import Book
    from ..magic import Call
    from ..session import Session


# What `--ledger` takes beside itself.
_TAKEN = ("ledger", "bill", "csv", "spans", "lang", "json", "output", "overwrite")


def answer_ledger(call: Call) -> Estimate:
    """The ledger of the notebook, or of the file that keeps it; beside a bill, how the two compare."""
    refuse(call.options, [each for each in call.options.values if each not in _TAKEN], "--ledger")
    if text := (call.options.rest or call.cell or "").strip():
        raise UsageError(
            "--ledger shows what is booked, and takes no text, so not {words}", words=shorten(text)
        )
    ledger = call.session.book.ledger()
    if (path := call.options.get("csv")) is not None:
        from ...usage.ledger.exports import write_csv

        place, entries = user_path(path), ledger.details.entries
        write_csv(place, entries, overwrite=call.options.get("overwrite", False))
        print("llmnumbers:", tell("lines written to {path}: {n:,}", path=place, n=len(entries)))
    if call.options.get("spans"):
        from ...usage.ledger.spans import send_spans, tracer

        n = send_spans(tracer(), call.session.book.take_calls())
        print("llmnumbers:", tell("spans handed to OpenTelemetry: {n:,}", n=n))
    if (path := call.options.get("bill")) is None:
        return export(call, ledger)
    from ...usage.ledger.bill import read_bill
    from ...usage.ledger.reconcile import reconcile

    return export(call, reconcile(ledger.details.entries, read_bill(user_path(path))))


def recorded_answers(session: Session, text: str) -> RecordedAnswers | None:
    """How long the recorded answers to a prompt were; None where none is, or the ledger cannot be read."""
    if session.shell is None or (session.recent.book is None and not session.settings.ledger):
        return None
    try:
        answers = session.book.answers(text)
    except LLMNumbersError:  # who writes to it says so
        return None
    return answers if answers and answers.by_model else None


def keep(session: Session, add: Callable[[Book], None]) -> None:
    """Write into the ledger. Where that fails, a line says so, and what was to be written waits in memory.

    A cell that is read while it is typed is in no ledger.
    """
    if session.shell is None:
        return
    try:
        with net():
            add(session.book)
    except LLMNumbersError as error:
        print(f"llmnumbers: {error}")
