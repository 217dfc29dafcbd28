"""The numbers every LLM developer should know: as published in 2023, what their inputs give, today, and here.

The published side is `catalog.numbers_2023`, the arithmetic is the package `formulas`, and the formulas
here say which belong together. `here` is this machine and this notebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...catalog.numbers_2023 import (
    find_number,
    new_number_keys,
    number_keys,
    number_text,
    published_number,
    why_not_today,
)
from ...errors import UsageError
from ...figures import Figure, Note, Number
from ...messages import say
from ..currency import with_currency
from .details import AllNumbers, NumberDetails, NumberEstimate
from .formulas_2023 import FORMULAS_2023
from .formulas_today import FORMULAS_TODAY, WORKED
from .inputs import Formula, compute, compute_with, inputs_of
from .question import Numbers
from .this_notebook import Notebook, here

_NO_NOTEBOOK = Notebook()
_SHOWN = ("published", "recomputed", "today", "here")


def estimate_numbers(notebook: Notebook = _NO_NOTEBOOK) -> AllNumbers:
    """The 14 numbers in the document's order, then those that came since, one part each.

    A part has the figure `published` where the number is of 2023, `recomputed` where the document
    gives inputs, `today` where today's tables do, and `here` where it has a meaning in this notebook;
    `details` holds its `title` and its `headline`, and its notes what does not come out. The figures
    around them are told where the number is opened (`estimate_number`).

    >>> ratio = estimate_numbers()["gpt4_to_gpt35_cost"]["recomputed"]
    >>> int(ratio.low), int(ratio.value), int(ratio.high)
    (30, 45, 60)
    """
    return AllNumbers(
        say("numbers every LLM developer should know"),
        notes=(Note(say("Values of 2023-05-17, prices of 2023-05-08")),),
        parts=tuple(_in_short(_number(key, notebook)) for key in (*number_keys(), *new_number_keys())),
    )


def answer_numbers(question: Numbers, notebook: Notebook = _NO_NOTEBOOK) -> NumberEstimate:
    """All numbers, or the one that is asked for, in the question's currency too."""
    estimate = (
        estimate_numbers(notebook)
        if question.name is None
        else estimate_number(question.name, question.inputs, notebook)
    )
    return with_currency(replace(estimate, question=question), question.money)


def estimate_number(
    name: str, values: Mapping[str, Number] | None = None, notebook: Notebook = _NO_NOTEBOOK
) -> NumberEstimate:
    """One number with everything that it was made from, and a worked example with the user's inputs.

    Raises:
        UnknownNameError: no such number.
        UsageError: an input that its formula does not have, or a value that it does not take.

    >>> estimate_number("tokens_per_word", {"words": 1200})["worked"].value
    1560
    """
    key = find_number(name)
    number = _number(key, notebook)
    formula = choose_formula(key)
    if formula is None:
        if values:
            raise UsageError(
                "{number} has no formula to put {inputs} in: nothing to compute it from",
                number=key,
                inputs=", ".join(values),
            )
        return number
    figures = number.figures
    if values or key in WORKED:
        figures = (*figures, compute_with(formula, values or {}, "worked"))
    inputs = {key: settable.default.value for key, settable in inputs_of(formula).items()}
    return replace(number, figures=figures, details=replace(number.details, inputs=inputs))


def choose_formula(key: str) -> Formula | None:
    """The formula that takes a user's inputs: the example, else today's, else that of 2023."""
    if key in WORKED:
        return WORKED[key]
    terms = (*FORMULAS_TODAY.get(key, ()), *FORMULAS_2023.get(key, ()))
    return next((term for term in terms if isinstance(term, Formula)), None)


def _in_short(number: NumberEstimate) -> NumberEstimate:
    """The number with the figures that the table of all numbers shows."""
    return replace(number, figures=tuple(figure for figure in number.figures if figure.name in _SHOWN))


def _number(key: str, notebook: Notebook) -> NumberEstimate:
    text = number_text(key)
    sentences = [text["remark"], why_not_today(key)]
    return NumberEstimate(
        key,
        figures=tuple(_figures(key, notebook)),
        notes=tuple(Note(sentence) for sentence in sentences if sentence),
        details=NumberDetails(title=text["title"], headline=text["headline"]),
    )


def _figures(key: str, notebook: Notebook) -> Iterator[Figure]:
    """`published`, `recomputed`, `today` and others of today, `here`: each where there is one."""
    if key in number_keys():
        yield published_number(key)
    for term in (*FORMULAS_2023.get(key, ()), *FORMULAS_TODAY.get(key, ())):
        yield compute(term)
    found = here(key, notebook)
    if found is not None:
        yield found
