"""List what was kept, or drop it."""

from __future__ import annotations

from ...catalog.hardware.corrections import Correction, corrections_file, drop_corrections, kept_corrections
from ...errors import ParameterError
from ...figures import Figure, Note, Source, measured
from ...messages import say
from .details import CorrectionDetails, CorrectionEstimate, CorrectionsDetails, CorrectionsEstimate
from .question import Corrections


def estimate_corrections(question: Corrections) -> CorrectionsEstimate:
    """The corrections that are kept, or those that are dropped now."""
    kept = kept_corrections()
    if question.drop is None:
        note = say("{option:drop} takes them away") if kept else say("none is kept; {option:keep} keeps one")
        return _listed(question, say("corrections"), dict(enumerate(kept, start=1)), note)
    numbers = _numbers(question.drop, len(kept))
    drop_corrections(numbers)
    gone = {number: each for number, each in enumerate(kept, start=1) if numbers is None or number in numbers}
    return _listed(question, say("dropped corrections"), gone, say("dropped; no estimate uses them now"))


def _numbers(text: str, count: int) -> set[int] | None:
    """The numbers of those to drop; None for all."""
    if text.strip().casefold() == "all":
        return None
    words = [word.strip() for word in text.split(",")]
    numbers = {int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 9}
    if len(numbers) != len(words) or not numbers <= set(range(1, count + 1)):
        raise ParameterError("{option}: of {n} that are kept give the number, or all", "drop", text, n=count)
    return numbers


def _listed(
    question: Corrections, subject: str, corrections: dict[int, Correction], note: str
) -> CorrectionsEstimate:
    return CorrectionsEstimate(
        subject=subject,
        notes=(Note(note),),
        details=CorrectionsDetails(path=str(corrections_file())),
        question=question,
        parts=tuple(_part(number, each) for number, each in corrections.items()),
    )


def _part(number: int, correction: Correction) -> CorrectionEstimate:
    source = Source(correction.log, checked=correction.day)

    def figure(name: str, value: int) -> Figure:
        return measured(name, value, "bytes", source)

    return CorrectionEstimate(
        subject=str(number),
        figures=(
            figure("overhead_correction_bytes", correction.overhead_bytes),
            figure("weights_correction_bytes", correction.weights_bytes),
        ),
        details=CorrectionDetails(
            engine=correction.engine,
            version=correction.version,
            device=correction.gpu,
            machine=correction.machine,
            tp=correction.tp,
            model=correction.model,
            quant=correction.quant,
            log=correction.log,
            day=correction.day,
        ),
    )
