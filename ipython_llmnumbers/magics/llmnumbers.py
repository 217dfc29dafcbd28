"""`%llmnumbers`: the numbers every LLM developer should know."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import say, shorten
from .common_options import KEEPING
from .exports import export
from .flags import flag_of
from .magic import Call, Magic
from .options import Option, Parsed, options_of, refuse

if TYPE_CHECKING:
    from ..figures import Estimate


# Options that show one number in another way.
_OF_A_NUMBER = ("inputs", "sliders", "currency", "rate", "model", "gpu", "more", "since")


def answer_llmnumbers(call: Call) -> Estimate | None:
    """The numbers every LLM developer should know: as published in 2023, recomputed, today, and here.

    Today is by the tables of this package; here is for your notebook's model, text and GPU.
    NAME opens one: its formula with the values put in, and each input down to its source. Quiz and
    lesson: --quiz asks, --answers scores, --hand-in makes a code of them, --class draws the codes of a class.
    """
    options = call.options
    _refuse_mixtures(options)
    if options.get("essay"):
        return export(call, _essay(call))
    if options.get("check"):
        return export(call, _check(call))
    if options.get("class"):
        return export(call, _class(call))
    if options.get("quiz") is not None or options.get("answers"):
        return export(call, _quiz(call))
    from ..estimates.numbers.estimate import answer_numbers
    from ..estimates.numbers.question import Numbers

    for name in ("sliders", "inputs"):
        if options.get(name) and not options.rest:
            raise UsageError(
                "{flag} needs the name of a number, such as: %llmnumbers tokens_per_word {flag} …",
                flag=flag_of(name),
            )
    if options.get("inputs"):
        _refuse_inputs_behind(options.rest)
    question = call.ask(Numbers, name=options.rest or None)
    if options.get("sliders"):
        from .widgets.sliders import show_sliders

        return show_sliders(question, call.session.recent.text)
    return export(call, answer_numbers(question, call.session.recent.text))


def _refuse_inputs_behind(words: str) -> None:
    """Each input has its own flag; one behind another's would be taken for a part of the number's name."""
    for word in words.split():
        if "=" in word:
            raise UsageError(
                "{word}: write {flag} before each input: {flag} {word}",
                flag=flag_of("inputs"),
                word=shorten(word),
            )


def _quiz(call: Call) -> Estimate:
    from ..estimates.classroom.guesses import read_guesses
    from ..estimates.classroom.paper import draw_paper
    from ..estimates.classroom.question import DEFAULT_QUESTIONS
    from ..estimates.classroom.quiz import make_quiz, score_paper

    options, recent = call.options, call.session.recent
    n_questions, seed = options.get("quiz"), options.get("seed")
    is_answered = bool(options.get("answers"))
    if is_answered and seed is None:
        if recent.quiz is None:
            raise UsageError(
                "--answers to which quiz? ask one first with --quiz, or give its --quiz N --seed S"
            )
        n_questions, seed = recent.quiz
    if not is_answered and seed is None:
        seed = make_quiz(1).request["seed"]
    paper = draw_paper(DEFAULT_QUESTIONS if n_questions is None else n_questions, seed)
    recent.quiz = (paper.asked.quiz, paper.asked.seed)
    if paper_id := options.get("paper"):
        paper.check(paper_id)
    guesses = read_guesses(options.rest) if is_answered else {}
    if not guesses and (not is_answered or options.rest):
        return paper.quiz()  # a sheet that is not filled in yet: every answer is …
    if (name := options.get("hand_in")) is None:
        return score_paper(paper, guesses)
    from ..estimates.classroom.codes import hand_in

    return hand_in(paper, guesses, name)


def _check(call: Call) -> Estimate:
    """An exercise; each answer that is not right opens one more hint."""
    from ..estimates.classroom.exercises import check_exercise

    options, shown = call.options, call.session.recent.hints
    answer = "" if options.rest.strip() == "..." else options.rest.strip("…?？ ")
    seed = options.get("seed")
    if seed is None:
        seed = int(call.session.settings.student or 0)
    first = check_exercise(options.get("check"), answer, seed)
    key = first.details.exercise
    if not first.details.is_right and (answer or options.get("hint")):
        shown[key] = min(shown.get(key, 0) + 1, first.details.n_hints)
    return first if first.details.is_right else check_exercise(key, answer, seed, shown.get(key, 0))


def _essay(call: Call) -> Estimate:
    from ..estimates.classroom.essay import estimate_essay
    from ..estimates.numbers.question import Numbers

    name = call.options.get("essay")
    text = call.variable("--essay", name)
    if not isinstance(text, str):
        raise UsageError("--essay {variable}: it holds no text", variable=shorten(name))
    return estimate_essay(text, call.ask(Numbers, name=None).money)


def _class(call: Call) -> Estimate:
    from ..estimates.classroom.class_answers import read_class

    return read_class(call.options.get("class"))


def _refuse_mixtures(options: Parsed) -> None:
    if options.get("quiz") is not None or options.get("answers"):
        refuse(options, _OF_A_NUMBER, "--quiz")
    asks = options.get("quiz") is not None or options.get("answers") or options.get("check")
    if options.get("seed") is not None and not asks:
        raise UsageError("--seed belongs to --quiz or --check")
    if options.get("hint") and not options.get("check"):
        raise UsageError("--hint belongs to --check")
    if options.get("hand_in") is not None and not options.get("answers"):
        raise UsageError("--hand-in NAME needs your guesses: --answers 1:50 2:1.3")
    if options.get("quiz") is not None and options.rest and not options.get("answers"):
        raise UsageError("--quiz draws its own numbers, so not {words}", words=shorten(options.rest))


def _numbers() -> list[str]:
    from ..catalog.numbers_2023 import all_number_keys

    return list(all_number_keys())


def _exercises() -> tuple[str, ...]:
    from ..catalog.classroom.exercises import exercise_keys

    return exercise_keys()


@cache
def _options() -> tuple[Option, ...]:
    from ..estimates.classroom.question import Quiz
    from ..estimates.numbers.question import Numbers

    quiz, *rest = options_of(Quiz)
    return (
        *options_of(Numbers),
        Option(("--sliders",), say("move the inputs by hand (needs ipywidgets)")),
        replace(quiz, bare="5"),
        *rest,
        Option(
            ("--answer", "--answers"), say("score guesses: 50 1.3 in order, or 1:50 2:20..60 by question")
        ),
        Option(("--paper",), say("refuse the quiz if its paper is another one"), "ID"),
        Option(("--hand-in",), say("give the answers as a code for the teacher, unscored"), "NAME"),
        Option(("--class",), say("draw what a class guessed: a file with a code on each line"), "FILE"),
        Option(
            ("--check",),
            say("check an exercise of the lesson: --check ex2 1560"),
            "EXERCISE",
            known=_exercises,
        ),
        Option(
            ("--essay",),
            say("put the text of a variable under the vocabularies and prices of three years"),
            "NAME",
        ),
        Option(("--hint",), say("open the next hint of an exercise")),
        *KEEPING,
    )


MAGIC = Magic(
    "llmnumbers",
    "line",
    "[NAME]",
    _options,
    answer_llmnumbers,
    "%llmnumbers tokens_per_word --set words=1200",
    known_words=_numbers,
    retired={"--annotate": "%llmcost --annotate"},
)
