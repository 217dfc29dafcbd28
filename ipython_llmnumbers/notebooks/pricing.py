"""What the prompts of a notebook cost: each prompt, each cell, and all together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UnknownNameError, UsageError
from ..estimates.cost.details import CostEstimate
from ..estimates.cost.notebook_details import (
    AnnotationDetails,
    AnnotationEstimate,
    CellDetails,
    CellEstimate,
    PromptDetails,
    PromptEstimate,
)
from ..estimates.cost.question import Cost
from ..estimates.kinds import Name
from ..estimates.question import Question, parameter
from ..figures import Estimate, Figure, Note, derive, given
from ..formulas.cost import sum_of_estimates, sum_tokens, tokens_usd
from ..messages import joined, say, shorten
from ..prompts_in_code.find_prompts import CellPrompts
from ..prompts_in_code.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation(Question):
    """What do the prompts of a notebook cost?"""

    function = ""

    notebook: str = parameter(Name(), say("the notebook"), is_subject=True)
    model: str = parameter(Name(), say("for prompts beside which no model stands"))


def known_prompts(found: CellPrompts) -> list[Prompt]:
    """The prompts of a cell of which the source has any text."""
    return [each for each in found.prompts if each.text.strip()]


def estimate_cell(found: CellPrompts, default_model: str) -> CellEstimate:
    """The prompts of one cell, each a cost estimate."""
    parts, notes = [], []
    for prompt in known_prompts(found):
        try:
            cost = _cost(prompt, prompt.model or default_model)
            is_default = prompt.model is None
        except UnknownNameError:
            values = {"model": shorten(str(prompt.model)), "default": default_model}
            notes.append(Note(say("{model} is not known: counted as {default}", **values)))
            cost, is_default = _cost(prompt, default_model), True
        parts.append(_prompt(prompt, cost, is_default))
    return CellEstimate(
        say("cell {n}", n=found.index + 1),
        figures=tuple(_totals(parts)),
        notes=tuple(dict.fromkeys([*notes, *_least_notes(parts)])),
        details=CellDetails(cell=found.index + 1),
        parts=tuple(parts),
    )


def summarise(
    source: str, found: Sequence[CellPrompts], estimates: Mapping[int, CellEstimate], default_model: str
) -> AnnotationEstimate:
    """The whole notebook: one part for each cell with prompts."""
    parts = tuple(estimates.values())
    later = sum(len(each.prompts) - len(known_prompts(each)) for each in found)
    once = say("Input only, each call once: loops, retries and answers are not seen in the source.")
    notes = [Note(once if parts else say("no prompts were found"))]
    if any(prompt.details.is_default_model for cell in parts for prompt in cell.parts):
        default = say("(default): no model stands beside the prompt; {model} is assumed", model=default_model)
        notes.append(Note(default))
    if later:
        notes.append(Note(say("{n} more prompts are only known when they run", n=later)))
    notes += [
        Note(say("cell {n}: {problem}; left as it is", n=each.index + 1, problem=each.problem), "warning")
        for each in found
        if each.problem
    ]
    return AnnotationEstimate(
        Path(source).name,
        figures=tuple(_totals(parts)),
        notes=tuple(notes),
        details=AnnotationDetails(model=default_model, n_prompts=sum(len(part.parts) for part in parts)),
        question=Annotation(notebook=source, model=default_model),
        parts=parts,
    )


def _prompt(prompt: Prompt, cost: CostEstimate, is_default_model: bool) -> PromptEstimate:
    return PromptEstimate(
        cost.subject,
        figures=(*cost.figures, *_most_output(prompt, cost)),
        notes=cost.notes,
        details=PromptDetails(
            cost=cost.details,
            how=prompt.how,
            n_unknown=prompt.n_unknown,
            not_counted=prompt.not_counted,
            is_default_model=is_default_model,
            text=prompt.text,
        ),
    )


def _cost(prompt: Prompt, model: str) -> CostEstimate:
    """One call with all that the source tells of its request; with its text alone where that is not read.

    Raises:
        UnknownNameError: a model that no table knows.
    """
    request = prompt.text if prompt.request is None else prompt.request
    is_text = not isinstance(request, Mapping)
    try:
        return Cost(prompt=request, model=(model,), as_text=is_text, processing=prompt.processing).answer()
    except UnknownNameError:
        raise
    except UsageError:
        return Cost(prompt=prompt.text, model=(model,), as_text=True).answer()


def _most_output(prompt: Prompt, cost: CostEstimate) -> Iterator[Figure]:
    """`max_output_tokens` and `max_output_usd`, where the call bounds its answer."""
    if prompt.max_output_tokens is None:
        return
    note = say("the bound in the call: its answer may be shorter")
    tokens = given("max_output_tokens", prompt.max_output_tokens, "tokens", note)
    rate = cost["output_usd_per_mtok"]
    yield tokens
    yield derive("max_output_usd", "USD", tokens_usd, tokens=tokens, usd_per_mtok=rate)


def _least_notes(parts: Sequence[PromptEstimate]) -> Iterator[Note]:
    if any(part.is_least for part in parts):
        least = say(
            "Where parts are filled in when the cell runs, this is the least: what stands in the source."
        )
        yield Note(least)
    missing = dict.fromkeys(each for part in parts for each in part.details.not_counted)
    if missing:
        yield Note(say("not counted: {parts}", parts=joined("; ", *missing)), "warning")


def _totals(parts: Sequence[Estimate]) -> Iterator[Figure]:
    """`input_tokens` (tokens) and `total_usd` (USD) of all parts; nothing where there is none.

    Where every answer is bounded, `max_output_usd` (USD) too.
    """
    if not parts:
        return
    named = {f"prompt_{index}": part for index, part in enumerate(parts, start=1)}
    tokens = {key: part["input_tokens"] for key, part in named.items()}
    usd = {key: part["total_usd"] for key, part in named.items()}
    yield derive("input_tokens", "tokens", sum_tokens, **tokens)
    yield derive("total_usd", "USD", sum_of_estimates, **usd)
    if all("max_output_usd" in part for part in parts):
        most = {key: part["max_output_usd"] for key, part in named.items()}
        yield derive("max_output_usd", "USD", sum_of_estimates, **most)
