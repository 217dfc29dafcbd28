"""A quiz: the questions alone, then the guesses beside the answers; and what a class guessed."""

from __future__ import annotations

from ....estimates.classroom.details import (
    ClassEstimate,
    ClassQuestion,
    HandIn,
    QuizEstimate,
    QuizQuestion,
    QuizScore,
)
from ....figures import Figure
from ....messages import said, tell
from ...figure_text import range_or_point_text, value_text
from ...formats import decimal_number
from ...labels import label
from ...layout import Answer, Layout, Meters, Table, joined_facts


def quiz(estimate: QuizEstimate) -> Layout:
    """The questions, and how to answer them; the answers are nowhere in it."""
    rows = tuple(
        (str(index), said(part.details.question)) for index, part in enumerate(estimate.parts, start=1)
    )
    table = Table("", ("", label("question")), rows, right=frozenset())
    how_to = tell(
        "Answer in the next cell: %llmnumbers {option:quiz={quiz}} {option:seed={seed}}"
        " {option:answers={example}}",
        quiz=estimate.request["quiz"],
        seed=estimate.request["seed"],
        example=" ".join(f"{index}:…" for index in range(1, len(estimate.parts) + 1)),
    )
    ranges = tell("A range such as 20..60 is scored, too: it should hold the answer in 8 of 10 cases.")
    about = tell("paper {paper}", paper=estimate.details.paper)
    answer, lines = Answer(tell("Guess before you look"), about), (how_to, ranges)
    return Layout((table,), lines, estimate.notes, answer=answer, asked=lines)


def quiz_score(estimate: QuizScore) -> Layout:
    """One line for each guess; below, how each answer is known."""
    rows = tuple(
        (
            str(index),
            said(part.details.question),
            _guess(part),
            answer_text(part),
            _off(part),
            str(part.figure("points").value),
        )
        for index, part in zip(estimate.details.questions, estimate.parts, strict=True)
    )
    details = estimate.details
    total = decimal_number(round(float(estimate.figure("total_points").value or 0), 1))
    answer = Answer(
        tell("{points} of {most} points", points=total, most=details.most_points),
        joined_facts(
            tell("quiz {seed}", seed=estimate.request["seed"]),
            tell("paper {paper}", paper=details.paper),
            _ranges(details.ranges_holding, details.ranges),
        ),
    )
    guess, off = tell("Your guess"), tell("Off by")
    header = ("", label("question"), guess, label("answer"), off, label("points"))
    table = Table("", header, rows, right=frozenset({2, 3, 4, 5}))
    explained = tuple(figure for part in estimate.parts for figure in _derivation(part))
    return Layout((table,), (), estimate.notes, explained, answer=answer)


def hand_in(estimate: HandIn) -> Layout:
    """The code, large enough to be copied."""
    about = tell("paper {paper} · send this line to your teacher", paper=estimate.details.paper)
    return Layout((), (), estimate.notes, answer=Answer(estimate.details.code, about))


def class_answers(estimate: ClassEstimate) -> Layout:
    """A histogram for each question, and the points of each student."""
    details = estimate.details
    mean = decimal_number(round(float(estimate.figure("mean_points").value or 0), 1))
    answer = Answer(
        tell("{n} students", n=len(details.names)),
        joined_facts(
            tell("paper {paper}", paper=details.paper),
            tell("{points} of {most} points on average", points=mean, most=details.most_points),
        ),
    )
    students = zip(details.names, details.points, details.ranges, details.ranges_holding, strict=True)
    rows = tuple(
        (name, decimal_number(round(points, 1)), f"{holding}/{ranges}" if ranges else "–")
        for name, points, ranges, holding in students
    )
    head = (tell("Student"), label("points"), tell("Ranges that hold the answer"))
    of_students = Table(tell("Points"), head, rows, right=frozenset({1, 2}), is_folded=True)
    histograms = (_histogram(index, part) for index, part in enumerate(estimate.parts, start=1))
    return Layout((*histograms, of_students), (), estimate.notes, answer=answer)


def answer_text(part: QuizQuestion) -> str:
    """The answer in the unit of its question, and the product's own value where it is another one.

    What was published stands first.
    """
    answer = _in_unit(part, part.figure("answer"))
    own = part.get("recomputed")
    recomputed = _in_unit(part, own) if own is not None else answer
    return (
        answer
        if recomputed == answer
        else tell("{answer} ({own} from its inputs)", answer=answer, own=recomputed)
    )


def _in_unit(part: QuizQuestion, figure: Figure) -> str:
    size = part.details.unit_size
    if size == 1 or figure.value is None:
        return range_or_point_text(figure)
    return f"{decimal_number(float(figure.value) / size)} {part.details.unit}"


def _guess(part: QuizQuestion) -> str:
    """The guess as it was typed; a bare number with the unit of its question."""
    text, unit = part.details.guess or "", part.details.unit
    is_bare = all(character in "0123456789.,_" for character in text)
    return _with_unit(text, unit) if is_bare and len(unit) < 4 and unit != "$" else text


def _range(text: str) -> str:
    """From one border of a bin to the other, with the dash of the language."""
    low, _, high = text.partition("–")
    return tell("{low}–{high}", low=low, high=high)


def _with_unit(text: str, unit: str) -> str:
    """Behind it as the language writes it: 10 ×, and 10倍 in Japanese."""
    match unit:
        case "×":
            return tell("{number} ×", number=text)
        case "%":
            return tell("{number} %", number=text)
        case _:
            return f"{text} {unit}".rstrip()


def _off(part: QuizQuestion) -> str:
    """A factor, or percentage points."""
    if "percentage_points_off" in part:
        return value_text(part.figure("percentage_points_off"))
    orders = float(part.figure("orders_of_magnitude_off").value or 0)
    return (
        tell("{factor} ×", factor=decimal_number(10**orders, 2))
        if orders < 6
        else tell("10^{n:.0f} ×", n=orders)
    )


def _ranges(holding: int, ranges: int) -> str:
    return (
        tell("{holding} of {ranges} ranges hold the answer", holding=holding, ranges=ranges) if ranges else ""
    )


def _histogram(index: int, part: ClassQuestion) -> Table:
    details = part.details
    rows = tuple(
        (
            _with_unit(_range(text), details.unit),
            str(count),
            tell("the answer") if place == details.right else "",
        )
        for place, (text, count) in enumerate(zip(details.bins, details.counts, strict=True))
    )
    amounts = tuple(map(float, details.counts))
    meters = Meters("", amounts, tuple(zip(amounts, amounts, strict=True))) if any(amounts) else None
    head = (tell("Guess"), tell("Students"), "")
    return Table(f"{index}. {said(details.question)}", head, rows, meters=meters)


def _derivation(part: QuizQuestion) -> tuple[Figure, ...]:
    """The answer, and `recomputed`: what the document's answer comes to from its inputs."""
    return tuple(figure for figure in part.figures if figure.name in ("answer", "recomputed"))
