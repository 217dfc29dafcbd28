"""The codes of a class as histograms: what was guessed for each question, and who scored what."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ...errors import UsageError
from ...figures import Note, Source, measured
from ...files.encodings import decoded
from ...files.reading import read_bytes, user_path
from ...messages import Message, option, say
from .codes import HandedIn, read_code
from .details import ClassDetails, ClassEstimate, ClassQuestion, ClassQuestionDetails, QuizScore
from .guesses import Guess
from .paper import Paper, describe, draw_paper
from .quiz import score_paper
from .scale import Measure

_MOST_BYTES = 1_000_000
_PERCENT_BIN = 10
# More powers of ten than that are one bin at each end.
_MOST_BINS = 12


def read_class(name: str) -> ClassEstimate:
    """The class whose codes a file holds, one on each line, of the paper that most of them are of.

    Raises:
        FileError: no such file.
        UsageError: no line of it counts.
    """
    text = _decoded(read_bytes(user_path(name), _MOST_BYTES))
    codes: list[tuple[int, HandedIn]] = []
    refused: dict[int, Message] = {}
    for index, line in enumerate(text.splitlines(), start=1):
        try:
            codes += [(index, read_code(line))] if line.strip() else []
        except UsageError as error:
            refused[index] = error.args[0]
    paper = _most_common_paper(code for _, code in codes)
    handed_in: list[HandedIn] = []
    for index, code in codes:
        try:
            _check(code, paper or _paper_of(*code.paper), handed_in)
            handed_in.append(code)
        except UsageError as error:
            refused[index] = error.args[0]
    notes = [
        Note(say("Line {n} does not count: {reason}.", n=index, reason=refused[index]), "warning")
        for index in sorted(refused)
    ]
    if paper is None or not handed_in:
        first = notes[0].text if notes else say("it is empty")
        raise UsageError("{option}: no code counts; {reason}", option=option("class", name), reason=first)
    return _estimate(paper, handed_in, notes)


def _decoded(data: bytes) -> str:
    """UTF-8, Excel's Unicode text, or what Japanese and Western Windows write."""
    with suppress(UnicodeDecodeError):
        return decoded(data)
    with suppress(UnicodeDecodeError):
        return data.decode("cp932")
    return data.decode("cp1252", "replace")


def _most_common_paper(codes: Iterable[HandedIn]) -> Paper | None:
    """The paper that most codes are of, among those that this version has."""
    for paper, _ in Counter(code.paper for code in codes).most_common():
        with suppress(UsageError):
            return _paper_of(*paper)
    return None


def _paper_of(n_questions: int, seed: int, paper_id: str) -> Paper:
    try:
        paper = draw_paper(n_questions, seed)
    except UsageError:
        raise UsageError("it is of a quiz that this version does not have") from None
    paper.check(paper_id)
    return paper


def _check(code: HandedIn, paper: Paper, earlier: Iterable[HandedIn]) -> None:
    if code.paper_id != paper.id:
        raise UsageError("it is of paper {other}, not of {paper}", other=code.paper_id, paper=paper.id)
    if any(each.name.casefold() == code.name.casefold() for each in earlier):
        raise UsageError("{name} is there already: the first code counts", name=code.name)
    if not code.guesses:
        raise UsageError("it holds no answer")


def _estimate(paper: Paper, handed_in: Sequence[HandedIn], refused: Sequence[Note]) -> ClassEstimate:
    scores = [score_paper(paper, code.guesses) for code in handed_in]
    source = Source(say("the codes of the class"))
    points = [float(score.figure("total_points").value or 0) for score in scores]
    return ClassEstimate(
        say("class"),
        figures=(
            measured("codes", len(handed_in), "", source),
            measured("mean_points", sum(points) / len(points), "points", source),
        ),
        notes=(*refused, *_calibration(scores)),
        details=ClassDetails(
            paper=paper.id,
            names=tuple(code.name for code in handed_in),
            points=tuple(points),
            most_points=scores[0].details.most_points,
            ranges=tuple(score.details.ranges for score in scores),
            ranges_holding=tuple(score.details.ranges_holding for score in scores),
        ),
        question=paper.asked,
        parts=tuple(
            _histogram(measure, [code.guesses[index] for code in handed_in if index in code.guesses])
            for index, measure in enumerate(paper.measures, start=1)
        ),
    )


def _calibration(scores: Iterable[QuizScore]) -> Iterator[Note]:
    ranges = sum(score.details.ranges for score in scores)
    holding = sum(score.details.ranges_holding for score in scores)
    if ranges:
        yield Note(
            say(
                "{holding} of {ranges} ranges hold the answer, {percent:.0f} %; 80 % should.",
                holding=holding,
                ranges=ranges,
                percent=100 * holding / ranges,
            )
        )


def _histogram(measure: Measure, guesses: Sequence[Guess]) -> ClassQuestion:
    """The guesses of one question, each range by its middle."""
    spans = [measure.span(guess) for guess in guesses]
    is_percentage = measure.row.kind == "percentage"
    values = [
        (span.low + span.high) / 2 if is_percentage else (span.low * span.high) ** 0.5 for span in spans
    ]
    nearest = measure.right[0]
    right = _place(
        (nearest.low + nearest.high) / 2 if is_percentage else measure.bare(nearest.high), is_percentage
    )
    counts = Counter(_place(measure.bare(value), is_percentage) for value in values)
    places = [*counts, right]
    least, most = max(min(places), right - _MOST_BINS), min(max(places), right + _MOST_BINS)
    kept = Counter(dict.fromkeys(range(least, most + 1), 0))
    for place, count in counts.items():
        kept[min(max(place, least), most)] += count
    described = describe(measure)
    return ClassQuestion(
        measure.row.key,
        details=ClassQuestionDetails(
            question=described.question,
            unit=described.unit,
            unit_size=described.unit_size,
            bins=tuple(_bin(place, is_percentage) for place in sorted(kept)),
            counts=tuple(kept[place] for place in sorted(kept)),
            right=right - least,
        ),
    )


def _place(value: float, is_percentage: bool) -> int:
    """Which power of ten, or which ten percent: 100 is with the nineties."""
    if is_percentage:
        return (
            min(int(value // _PERCENT_BIN), 100 // _PERCENT_BIN - 1) if value <= 100 else 100 // _PERCENT_BIN
        )
    return math.floor(math.log10(value) + 1e-12)


def _bin(place: int, is_percentage: bool) -> str:
    if is_percentage:
        return f"{place * _PERCENT_BIN}–{(place + 1) * _PERCENT_BIN}"
    return f"{_power(place)}–{_power(place + 1)}"


def _power(exponent: int) -> str:
    """A power of ten as it is read: with its zeros where they are few.

    >>> _power(-2), _power(3), _power(9)
    ('0.01', '1,000', '10^9')
    """
    if exponent > 6 or exponent < -4:
        return f"10^{exponent}"
    return f"{10**exponent:,}" if exponent >= 0 else f"{10**exponent:.{-exponent}f}"
