"""What the prompts of a notebook cost: each prompt, each cell, and all together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import UnknownNameError, UsageError
from ..estimates.answer_lengths import RecordedAnswers
from ..estimates.cost.details import CostEstimate
from ..estimates.cost.estimate import cost_of_unknown_model
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
from ..figures import UNBOUNDED, Estimate, Figure, Note, Source, assumed, derive, given, measured
from ..formulas.cost import difference_percent, sum_tokens, sum_usd, tokens_usd
from ..messages import joined, say, shorten
from ..prompts_in_code.find_prompts import CellPrompts
from ..prompts_in_code.prompt import Prompt
from ..records import dataclass
from .saved_usage import Usage

# What costs more where more is sent.
_GROWING = ("input_usd", "total_usd", "all_calls_usd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation(Question):
    """What do the prompts of a notebook cost?"""

    function = ""

    notebook: str = parameter(Name(), say("the notebook"), is_subject=True)
    model: str = parameter(Name(), say("for prompts beside which no model stands"))


def known_prompts(found: CellPrompts) -> list[Prompt]:
    """The prompts of a cell of which the source has any text."""
    return [each for each in found.prompts if each.text.strip()]


def estimate_cell(
    found: CellPrompts,
    default_model: str,
    usages: Mapping[int, tuple[Usage, int]] | None = None,
    output_tokens: int | tuple[int, int] | None = None,
    answers: Callable[[str], RecordedAnswers | None] = lambda _: None,
) -> CellEstimate:
    """The prompts of one cell, each a cost estimate.

    Args:
        found: the cell's prompts.
        default_model: for prompts beside which no model stands.
        usages: what saved answers say of themselves, by the prompt's number, and the cell that shows it.
        output_tokens: of each answer; without it only the input is priced.
        answers: those that were recorded of a prompt, by its text; they count where `output_tokens` is None.
    """
    parts, notes = [], []
    for prompt in known_prompts(found):
        usage = (usages or {}).get(prompt.number)
        answered_by = usage[0].model if usage else None
        output = answers(prompt.text) if output_tokens is None else output_tokens
        asked = prompt if prompt.model is not None else replace(prompt, model=answered_by)
        cost, is_known = _cost(asked, default_model, output, answered_by)
        if answered_by is not None and cost.subject == answered_by != prompt.model:
            notes.append(Note(say("{model}: the model that the saved answer names", model=answered_by)))
        if not is_known:
            model = shorten(str(asked.model))
            text = say(
                "{model} is not known: its tokens are a range, and no table has its price", model=model
            )
            notes.append(Note(text, "warning"))
        parts.append(_prompt(asked, cost, usage))
    notes += _misses(parts)
    return CellEstimate(
        say("cell {n}", n=found.index + 1),
        figures=tuple(totals(parts)),
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
    notes = list(notes_of_all(parts, default_model))
    if later:
        notes.append(Note(say("{n} more prompts are only known when they run", n=later)))
    notes += [
        Note(say("cell {n}: {problem}; left as it is", n=each.index + 1, problem=each.problem), "warning")
        for each in found
        if each.problem
    ]
    return AnnotationEstimate(
        Path(source).name,
        figures=tuple(totals(parts)),
        notes=tuple(notes),
        details=AnnotationDetails(model=default_model, n_prompts=sum(len(part.parts) for part in parts)),
        question=Annotation(notebook=source, model=default_model),
        parts=parts,
    )


def _prompt(prompt: Prompt, cost: CostEstimate, usage: tuple[Usage, int] | None) -> PromptEstimate:
    figures = [_at_least(each, prompt) for each in cost.figures] if prompt.is_least else cost.figures
    uncounted = [cost["uncounted_tokens"].note] if "uncounted_tokens" in cost else []
    return PromptEstimate(
        cost.subject,
        figures=(*figures, *_most_output(prompt, cost), *_saved(usage, cost)),
        notes=cost.notes,
        details=PromptDetails(
            cost=cost.details,
            how=prompt.how,
            n_unknown=prompt.n_unknown,
            not_counted=(*prompt.not_counted, *uncounted),
            is_default_model=prompt.model is None,
            text=prompt.text,
        ),
    )


def _at_least(figure: Figure, prompt: Prompt) -> Figure:
    """A figure of a prompt of which a run sends more than the source says."""
    if figure.value is None:
        return figure
    if figure.name != "input_tokens":
        return replace(figure, high=UNBOUNDED) if figure.name in _GROWING else figure
    filled = [say("what is filled in when the cell runs")] if prompt.n_unknown else []
    note = joined("; ", *prompt.not_counted, *filled)
    more = assumed("uncounted_tokens", 0, "tokens", note, low=0, high=UNBOUNDED)
    return derive(
        figure.name,
        "tokens",
        sum_tokens,
        note=figure.note,
        counted_tokens=figure,
        uncounted_tokens=more,
    )


def _cost(
    prompt: Prompt,
    default_model: str,
    output_tokens: int | tuple[int, int] | RecordedAnswers | None,
    answered_by: str | None,
) -> tuple[CostEstimate, bool]:
    """One call with all that the source tells of its request, and whether any table knows its model.

    A name that no table knows, such as that of a deployment, is the model that the saved answer names.

    Raises:
        UnknownNameError: no model stands beside it, and no table knows the default.
    """
    question = replace(_question(prompt, prompt.model or default_model), output_tokens=output_tokens)
    try:
        return question.answer(), True
    except UnknownNameError:
        if prompt.model is None:
            raise
        if answered_by not in (None, prompt.model):
            cost, is_known = _cost(replace(prompt, model=answered_by), default_model, output_tokens, None)
            if is_known:
                return cost, True
        return cost_of_unknown_model(question), False


def _question(prompt: Prompt, model: str) -> Cost:
    """What is asked of a prompt: the whole request; its text alone where that is none that can be read."""
    request = prompt.text if prompt.request is None else prompt.request
    is_text = not isinstance(request, Mapping)
    question = Cost(prompt=request, model=(model,), as_text=is_text, processing=prompt.processing)
    try:
        question.prompts  # noqa: B018 (it raises)
    except UsageError:
        return Cost(prompt=prompt.text, model=(model,), as_text=True, processing=prompt.processing)
    return question


def _most_output(prompt: Prompt, cost: CostEstimate) -> Iterator[Figure]:
    """`max_output_tokens` and `max_output_usd`, where the call bounds its answer."""
    if prompt.max_output_tokens is None:
        return
    note = say("the bound in the call: its answer may be shorter")
    tokens = given("max_output_tokens", prompt.max_output_tokens, "tokens", note)
    rate = cost["output_usd_per_mtok"]
    yield tokens
    yield derive("max_output_usd", "USD", tokens_usd, tokens=tokens, usd_per_mtok=rate)


def _saved(usage: tuple[Usage, int] | None, cost: CostEstimate) -> Iterator[Figure]:
    """`saved_input_tokens`, `saved_output_tokens` and `difference_percent`, where an answer was saved."""
    if usage is None:
        return
    saved, cell = usage
    source = Source(say("the answer that is saved in cell {n}", n=cell + 1))
    counted = measured("saved_input_tokens", saved.input_tokens, "tokens", source)
    yield counted
    if saved.output_tokens is not None:
        yield measured("saved_output_tokens", saved.output_tokens, "tokens", source)
    if saved.input_tokens:
        ours = cost["input_tokens"]
        yield derive(
            "difference_percent", "%", difference_percent, input_tokens=ours, saved_input_tokens=counted
        )


def _misses(parts: Sequence[PromptEstimate]) -> Iterator[Note]:
    """What the API itself counted, where that lies outside what is counted here."""
    for part in parts:
        saved = part.get("saved_input_tokens")
        if saved is not None and part["input_tokens"].value is not None and not part.holds_what_was_saved:
            text = say(
                "{n:,} tokens in the saved answer are outside what is counted here: the cell was changed"
                " since, or its call sends something else",
                n=saved.value,
            )
            yield Note(text, "warning")


def _least_notes(parts: Sequence[PromptEstimate]) -> Iterator[Note]:
    images = (part["image_tokens"] for part in parts if "image_tokens" in part)
    if any(each.low != each.high for each in images):
        yield Note(
            say("the tokens of an image are a range: its size, or how it is scaled, is not known here")
        )
    if any(part.details.n_unknown for part in parts):
        least = say(
            "Where parts are filled in when the cell runs, this is the least: what stands in the source."
        )
        yield Note(least)
    missing = dict.fromkeys(each for part in parts for each in part.details.not_counted)
    if missing:
        yield Note(say("not counted: {parts}", parts=joined("; ", *missing)), "warning")


def notes_of_all(cells: Sequence[CellEstimate], default_model: str) -> Iterator[Note]:
    """What holds for all that was found: what a sum leaves out, the default, who refuses, what was saved."""
    if not cells:
        yield Note(say("no prompts were found"))
        return
    prompts = [prompt for cell in cells for prompt in cell.parts]
    once = say("Input only, each call once: retries, answers and loops over unseen data are not counted.")
    yield Note(once)
    if any(each.details.is_default_model for each in prompts):
        yield Note(
            say("(default): no model stands beside the prompt; {model} is assumed", model=default_model)
        )
    unpriced = sum(each["total_usd"].value is None for each in prompts)
    if unpriced:
        yield Note(say("prompts whose price is not known, not in the total: {n:,}", n=unpriced), "warning")
    # A call that its provider refuses: the model is shut down, or the prompt too long for it.
    yield from dict.fromkeys(note for each in prompts for note in each.notes if note.level == "error")
    saved = [each for each in prompts if "saved_input_tokens" in each]
    if saved:
        held = sum(each.holds_what_was_saved for each in saved)
        yield Note(
            say(
                "{held} of {n} saved answers say what is counted here, within its range",
                held=held,
                n=len(saved),
            )
        )


def totals(parts: Sequence[Estimate]) -> Iterator[Figure]:
    """`input_tokens` (tokens) and `total_usd` (USD) of the parts where they are known; nothing of no parts.

    Where every answer is bounded, `max_output_usd` (USD) too.
    """
    if not parts:
        return
    yield _sum("input_tokens", "tokens", parts)
    yield _sum("total_usd", "USD", parts)
    if all("max_output_usd" in part for part in parts):
        yield _sum("max_output_usd", "USD", parts)


def _sum(name: str, unit: str, parts: Sequence[Estimate]) -> Figure:
    """The sum of a figure over the parts that have one; unknown where none has."""
    known = [part[name] for part in parts if part[name].value is not None]
    if not known:
        return assumed(name, None, unit, say("unpriced") if unit == "USD" else say("not counted"))
    named = {f"prompt_{index}": figure for index, figure in enumerate(known, start=1)}
    return derive(name, unit, sum_tokens if unit == "tokens" else sum_usd, **named)
