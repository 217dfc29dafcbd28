"""`%llmnumbers`: the numbers every LLM developer should know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import say, shorten
from .common_options import CURRENCY, RATE
from .magic import Call, Magic
from .option_values import plain_number, whole_number
from .options import Option, Parsed, refuse

if TYPE_CHECKING:
    from ..estimates.numbers.this_notebook import Place
    from ..figures import Estimate


# Options that show one number in another way.
_OF_A_NUMBER = ("set", "sliders", "currency", "rate")


def _answer(call: Call) -> Estimate | None:
    """The numbers every LLM developer should know: as published in 2023, recomputed, today, and here.

    NAME opens one: its formula with the values put in, and each input down to its source. Quiz and
    lesson: --quiz asks, --answers scores by order of magnitude.
    """
    options = call.options
    _refuse_mixtures(options)
    if options.get("annotate"):
        from ..notebooks.ipython_syntax import annotate

        return annotate(options.get("annotate"), options.get("output"), call.session.settings.model)
    if options.get("quiz") is not None or options.get("answers"):
        return _quiz(call)
    if options.get("sliders"):
        from .widgets.sliders import show_sliders

        return show_sliders(
            _name(options, "--sliders"), dict(options.get("set", ())), _place(call), call.currency
        )
    from ..estimates.currency import with_currency
    from ..estimates.numbers.estimate import estimate_number, estimate_numbers

    if options.rest or options.get("set"):
        name, values = _name(options, "--set"), dict(options.get("set", ()))
        return with_currency(estimate_number(name, values, _place(call)), call.currency)
    return with_currency(estimate_numbers(_place(call)), call.currency)


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


def _place(call: Call) -> Place:
    from ..estimates.numbers.this_notebook import Place

    return Place(call.session.settings.model, call.session.recent.text)


def _name(options: Parsed, flag: str) -> str:
    if not options.rest:
        raise UsageError(
            "{flag} needs the name of a number, such as: %llmnumbers tokens_per_word {flag} …", flag=flag
        )
    return options.rest


def _refuse_mixtures(options: Parsed) -> None:
    if options.get("output") and not options.get("annotate"):
        raise UsageError("-o belongs to --annotate NOTEBOOK.ipynb")
    if options.get("annotate") and options.rest:
        raise UsageError("--annotate takes one notebook, so not {words} too", words=shorten(options.rest))
    if options.get("annotate"):
        refuse(options, ("quiz", "answers", *_OF_A_NUMBER), "--annotate")
    if options.get("quiz") is not None or options.get("answers"):
        refuse(options, _OF_A_NUMBER, "--quiz")
    if options.get("seed") is not None and options.get("quiz") is None and not options.get("answers"):
        raise UsageError("--seed belongs to --quiz")
    if options.get("quiz") is not None and options.rest and not options.get("answers"):
        raise UsageError("--quiz draws its own numbers, so not {words}", words=shorten(options.rest))


def _setting(flag: str, word: str) -> tuple[str, float]:
    key, equals, value = word.partition("=")
    if not equals or not key:
        raise UsageError(
            "{flag} {word}: write {flag} NAME=NUMBER, such as {flag} words=1200",
            flag=flag,
            word=shorten(word),
        )
    return key, plain_number(f"{flag} {key}=", value)


def _numbers() -> list[str]:
    from ..catalog.numbers_2023 import new_number_keys, number_keys

    return [*number_keys(), *new_number_keys()]


MAGIC = Magic(
    "llmnumbers",
    "line",
    "[NAME]",
    (
        Option(
            ("--set",),
            say("put a number of your own in the formula; may be repeated"),
            "INPUT=NUMBER",
            _setting,
            many=True,
        ),
        CURRENCY,
        RATE,
        Option(("--sliders",), say("move the inputs by hand (needs ipywidgets)")),
        Option(("--quiz",), say("guess before you look; default: 5 questions"), "N", whole_number, bare="5"),
        Option(("--seed",), say("draw the same questions again"), "S", whole_number),
        Option(("--answer", "--answers"), say("score guesses: 50 1.3 in order, or 1:50 2:1.3 by question")),
        Option(
            ("--annotate",),
            say("write a copy of a notebook with the cost under each prompt"),
            "NOTEBOOK.ipynb",
        ),
        Option(("-o", "--output"), say("where --annotate writes"), "OUT.ipynb"),
    ),
    _answer,
    known_words=_numbers,
)
