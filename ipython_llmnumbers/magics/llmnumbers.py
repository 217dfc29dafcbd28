"""`%llmnumbers`: the numbers every LLM developer should know."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import say, shorten
from .common_options import KEEPING
from .exports import export
from .flags import flag_of
from .magic import Call, Magic
from .option_values import plain_number
from .options import Option, Parsed, options_of, refuse

if TYPE_CHECKING:
    from ..figures import Estimate


# Options that show one number in another way.
_OF_A_NUMBER = ("inputs", "sliders", "currency", "rate", "model", "gpu", "more", "since")


def answer_llmnumbers(call: Call) -> Estimate | None:
    """The numbers every LLM developer should know: as published in 2023, recomputed, today, and here.

    Today is by the tables of this package; here is for your notebook's model, text and GPU.
    NAME opens one: its formula with the values put in, and each input down to its source. Quiz and
    lesson: --quiz asks, --answers scores by order of magnitude.
    """
    options = call.options
    _refuse_mixtures(options)
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
    question = call.ask(Numbers, name=options.rest or None)
    if options.get("sliders"):
        from .widgets.sliders import show_sliders

        return show_sliders(question, call.session.recent.text)
    return export(call, answer_numbers(question, call.session.recent.text))


def _quiz(call: Call) -> Estimate:
    from ..estimates.numbers.quiz import DEFAULT_QUESTIONS, make_quiz, score_quiz

    options, recent = call.options, call.session.recent
    n_questions, seed = options.get("quiz"), options.get("seed")
    if not options.get("answers"):
        asked = make_quiz(n_questions, seed)
        recent.quiz = (n_questions, asked.request["seed"])
        return asked
    if seed is None and recent.quiz is None:
        raise UsageError("--answers to which quiz? ask one first with --quiz, or give its --quiz N --seed S")
    if seed is None:
        assert recent.quiz is not None
        return score_quiz(*recent.quiz, _guesses(options.rest))
    return score_quiz(n_questions or DEFAULT_QUESTIONS, seed, _guesses(options.rest))


def _guesses(words: str) -> dict[int, float]:
    """`50 1.3` in order, or `1:50 2:1.3` by question."""
    guesses: dict[int, float] = {}
    for index, word in enumerate(words.split(), start=1):
        named = re.fullmatch(r"(\d{1,3}):(.+)", word)
        guesses[int(named[1]) if named else index] = plain_number("--answers", named[2] if named else word)
    return guesses


def _refuse_mixtures(options: Parsed) -> None:
    if options.get("quiz") is not None or options.get("answers"):
        refuse(options, _OF_A_NUMBER, "--quiz")
    if options.get("seed") is not None and options.get("quiz") is None and not options.get("answers"):
        raise UsageError("--seed belongs to --quiz")
    if options.get("quiz") is not None and options.rest and not options.get("answers"):
        raise UsageError("--quiz draws its own numbers, so not {words}", words=shorten(options.rest))


def _numbers() -> list[str]:
    from ..catalog.numbers_2023 import all_number_keys

    return list(all_number_keys())


@cache
def _options() -> tuple[Option, ...]:
    from ..estimates.numbers.question import Numbers, Quiz

    quiz, *rest = options_of(Quiz)
    return (
        *options_of(Numbers),
        Option(("--sliders",), say("move the inputs by hand (needs ipywidgets)")),
        replace(quiz, bare="5"),
        *rest,
        Option(("--answer", "--answers"), say("score guesses: 50 1.3 in order, or 1:50 2:1.3 by question")),
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
