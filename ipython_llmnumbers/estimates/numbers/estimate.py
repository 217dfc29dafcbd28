"""The numbers every LLM developer should know: as published in 2023, what their inputs give, today, and here.

The published side is `catalog.numbers_2023`, the arithmetic is the package `formulas`, and the formulas
here say which belong together. `here` is this machine and this notebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ...catalog.numbers_2023 import (
    ages_with,
    all_number_keys,
    find_number,
    is_published,
    number_text,
    published_number,
)
from ...catalog.prices.genai_prices import snapshot_date
from ...errors import UsageError
from ...figures import Figure, Note, Number
from ...messages import say
from ..currency import with_currency
from ..hosted_model import resolve_hosted
from .changes import changes_since
from .details import AllNumbers, NumberDetails, NumberEstimate
from .formulas_2023 import FORMULAS_2023
from .formulas_2026 import FORMULAS_2026
from .formulas_newer import FORMULAS_NEWER, WORKED, WORKED_AS_IN_2023
from .formulas_today import FORMULAS_TODAY
from .inputs import Formula, Input, Spread, Term, choose, compute, compute_with, inputs_of, takes
from .question import Numbers
from .this_notebook import Notebook, here

_NO_NOTEBOOK = Notebook()
_SHOWN = ("published", "recomputed", "today", "here")


def estimate_numbers(notebook: Notebook = _NO_NOTEBOOK) -> AllNumbers:
    """The numbers of the document in its order, then those that came since, one part each.

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
        notes=tuple(map(Note, _what_columns_mean(notebook))),
        parts=tuple(_in_short(_number(key, notebook)) for key in all_number_keys()),
    )


def _what_columns_mean(notebook: Notebook) -> Iterator[str]:
    """What was published when, and what today and here are."""
    yield say("Published on 2023-05-17, prices of 2023-05-08; MB and GB are decimal, but a GPU's GB is 2^30.")
    day = snapshot_date()
    yield say("Today: by this package's tables, prices of {day}; a range where sources differ.", day=day)
    if notebook.model is None:
        yield say("Here needs a model: give one with {option:model}; and a GPU with {option:gpu}.")
        return
    gpu = notebook.gpu or say("this machine's GPU (choose one with {option:gpu})")
    yield say("Here: for {model}, the text last counted and {gpu}.", model=notebook.model, gpu=gpu)


def answer_numbers(question: Numbers, text: str | None = None) -> NumberEstimate:
    """All numbers, the one that is asked for, or what moved since a day; in the question's currency too.

    `text` is what was counted last in the notebook.
    """
    if question.model is not None:
        resolve_hosted(question.model)  # refuses a name that nobody knows
    notebook = Notebook(question.model, text, question.gpu)
    estimate: NumberEstimate
    if question.since is not None:
        estimate = changes_since(question.since, question.name)
    elif question.name is None:
        estimate = estimate_numbers(notebook)
    else:
        estimate = estimate_number(question.name, question.inputs, notebook)
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
    formulas = formulas_of(key)
    if not formulas:
        if values:
            raise UsageError(
                "{number} has no formula to put {inputs} in: nothing to compute it from",
                number=key,
                inputs=", ".join(values),
            )
        return number
    figures = (*number.figures, *_worked(key, formulas, values or {}))
    settable = {formula.name: _leaves(formula) for formula in formulas}
    first = {key: leaf for leaves in reversed(settable.values()) for key, leaf in leaves.items()}
    order = dict.fromkeys(key for leaves in settable.values() for key in leaves)
    details = replace(
        number.details,
        inputs={key: first[key].default.value for key in order},
        takes={name: tuple(leaves) for name, leaves in settable.items()},
    )
    return replace(number, figures=figures, details=details)


def _leaves(formula: Formula) -> dict[str, Input]:
    """The inputs of a formula that no other formula gives."""
    return {key: settable for key, settable in inputs_of(formula).items() if settable.is_leaf}


def _worked(key: str, formulas: list[Formula], values: Mapping[str, Number]) -> Iterator[Figure]:
    """The example, or what the user's inputs give; and what they give in the document's own formula."""
    if not values and key not in WORKED:
        return
    yield compute_with(choose(formulas, values), values, "worked")
    as_in_2023 = WORKED_AS_IN_2023.get(key)
    if values and as_in_2023 is not None and takes(as_in_2023, values):
        yield compute_with(as_in_2023, values, "worked_2023")


def formulas_of(key: str) -> list[Formula]:
    """The formulas of a number that take a user's inputs: the example, then today's, then those of 2023."""
    found = [WORKED[key]] if key in WORKED else []
    for term in _terms_of_today(key) + FORMULAS_2023.get(key, ()):
        if isinstance(term, Formula):
            found.append(term)
        elif isinstance(term, Spread):
            found += term.answers.values()
    return found


def choose_formula(key: str, names: Iterable[str] = ()) -> Formula | None:
    """The first formula of a number that has these inputs; None if the number has no formula."""
    formulas = formulas_of(key)
    return choose(formulas, names) if formulas else None


def _terms_of_today(key: str) -> tuple[Term, ...]:
    return next((terms[key] for terms in (FORMULAS_TODAY, FORMULAS_NEWER, FORMULAS_2026) if key in terms), ())


def _in_short(number: NumberEstimate) -> NumberEstimate:
    """The number with the figures that the table of all numbers shows."""
    return replace(number, figures=tuple(figure for figure in number.figures if figure.name in _SHOWN))


def _number(key: str, notebook: Notebook) -> NumberEstimate:
    text = number_text(key)
    return NumberEstimate(
        key,
        figures=tuple(_figures(key, notebook)),
        notes=(Note(text["remark"]),),
        details=NumberDetails(title=text["title"], headline=text["headline"], ages_with=ages_with(key)),
    )


def _figures(key: str, notebook: Notebook) -> Iterator[Figure]:
    """`published`, `recomputed`, `today` and others of today, `here`: each where there is one."""
    if is_published(key):
        yield published_number(key)
    for term in (*FORMULAS_2023.get(key, ()), *_terms_of_today(key)):
        yield compute(term)
    found = here(key, notebook)
    if found is not None:
        yield found
