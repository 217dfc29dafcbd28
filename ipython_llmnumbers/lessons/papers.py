"""What a lesson's papers are made from: filled cells, the quiz's paper, the exercises with their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from ..catalog import limits
from ..catalog.classroom.exercises import exercise_keys
from ..catalog.classroom.texts import lesson_labels, unit_label
from ..estimates.classroom.exercises import Exercise, find_exercise
from ..estimates.classroom.facts import in_myriads, rounded, state
from ..estimates.classroom.paper import Paper, draw_paper
from ..estimates.classroom.scale import asked_figure
from ..estimates.kinds import Whole
from ..estimates.money import CurrencyCode, RateOfDay
from ..messages import said, speaking
from ..records import dataclass
from .source import Cell, Lesson, read_lesson

N_QUESTIONS = 5
_MOST_STUDENTS = 400  # numbers of one class; each has its exercises worked out
_DOTS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a teacher chooses: language, length, seeds, the rate of yen, whether there is a GPU."""

    language: str = "en"
    minutes: int = 45
    seed: int = 2023
    student: int = 0
    n_students: int = 40
    rate: str = ""
    has_gpu: bool = True

    def __post_init__(self) -> None:
        Whole(limits.QUIZ_SEED, least=0).take("student", self.student)
        Whole(_MOST_STUDENTS, least=0).take("students", self.n_students)
        if self.rate:
            RateOfDay().take("rate", self.rate)

    @property
    def settings(self) -> str:
        """The lines that set the currency of the notebook."""
        code = CurrencyCode().take("currency", "JPY")
        lines = (f'%config LLMNumbers.currency = "{code}"', f'%config LLMNumbers.rate = "{self.rate}"')
        return "\n".join(lines) if self.rate else ""


@dataclass(frozen=True)
class Papers:
    """One lesson as its papers need it."""

    options: Options

    @cached_property
    def lesson(self) -> Lesson:
        options = self.options
        return read_lesson("numbers", options.language, options.minutes, has_gpu=options.has_gpu)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        return lesson_labels(self.options.language)

    @cached_property
    def paper(self) -> Paper:
        """The quiz."""
        return draw_paper(N_QUESTIONS, self.options.seed)

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises with the numbers of the student whose copy it is."""
        return self.exercises_of(self.options.student)

    def exercises_of(self, student: int) -> tuple[Exercise, ...]:
        """The exercises with the numbers of a student."""
        with speaking(self.options.language):
            return tuple(find_exercise(key, student) for key in exercise_keys(self.options.minutes))

    def fill(self, cell: Cell) -> str:
        """The text of a cell with its places filled in; the answers are still dots."""
        places = {
            "minutes": str(self.options.minutes),
            "timetable": self.timetable(),
            "student": str(self.options.student),
            "seed": str(self.options.seed),
            "settings": self.options.settings,
        }
        text = re.sub(r"\{\{(\w+)\}\}", lambda found: places.get(found[1], found[0]), cell.text)
        return state(text).rstrip()

    def fill_with_answers(self, cell: Cell) -> str:
        """The same with the right answers in the place of the dots."""
        text = self.fill(cell)
        for exercise in self.exercises:
            text = text.replace(
                f"--check {exercise.row.key} {_DOTS}", f"--check {exercise.row.key} {bare_answer(exercise)}"
            )
        for index, answer in enumerate(self.quiz_answers(), start=1):
            text = text.replace(f" {index}:{_DOTS}", f" {index}:{answer}")
        return text

    def timetable(self) -> str:
        """The parts with their minutes, as a Markdown table."""
        rows = [f"| {self.labels['minutes']} | {self.labels['part']} |", "|---|---|"]
        rows += [f"| {self.span(start, end)} | {title} |" for start, end, _, title in self.schedule()]
        return "\n".join(rows)

    def span(self, start: int, end: int) -> str:
        """From one minute to another."""
        return self.labels["span"].format(start=start, end=end)

    def schedule(self) -> Iterator[tuple[int, int, str, str]]:
        """From which minute to which each part goes, its key and its title without its number."""
        start = 0
        for part, minutes in self.lesson.parts.items():
            if minutes:
                title = re.sub(r"^\d+\. ", "", self.lesson.title_of(part))
                yield start, start + minutes, part, title
                start += minutes

    def questions(self) -> list[str]:
        """The questions of the quiz, in the language of the lesson."""
        with speaking(self.options.language):
            return [said(part.details.question) for part in self.paper.quiz().parts]

    def quiz_answers(self) -> list[str]:
        """What was published, or is today's value, as a bare number in the unit of its question."""
        figures = zip(self.paper.measures, self.paper.numbers, strict=True)
        return [
            rounded(measure.bare(float(asked_figure(measure.row.key, number).value or 0))).replace(",", "")
            for measure, number in figures
        ]

    def quiz_units(self) -> list[str]:
        """The unit of each question; that of a fall, which Japanese states as a part, has its own name."""
        return [
            f"{measure.unit} less" if measure.row.is_fall else measure.unit for measure in self.paper.measures
        ]

    def amount(self, value: float | None, unit: str) -> str:
        """A number with its unit as the language writes it; without a number, a line to write it on."""
        number = "_____" if value is None else self.number(value)
        return unit_label(unit, self.options.language).format(number=number)

    def number(self, value: float) -> str:
        """A number as the lesson's language writes it."""
        return in_myriads(value) if self.options.language == "ja" and value >= 10_000 else rounded(value)


def answer_value(exercise: Exercise) -> float:
    """The answer in the unit of the exercise."""
    return float(exercise.answer().value or 0) / exercise.row.unit_size


def bare_answer(exercise: Exercise) -> str:
    """The answer as it is typed: within the tolerance, and exact where that is asked for."""
    value = answer_value(exercise)
    return f"{value:.0f}" if value.is_integer() else f"{value:.3g}"
