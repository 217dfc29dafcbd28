"""What fits: the models of a machine, and the machines of a model."""

from __future__ import annotations

from ...estimates.choices.details import (
    FittingGpu,
    FittingGpusEstimate,
    FittingModel,
    FittingModelsEstimate,
)
from ...messages import said, tell
from ..figure_text import devices_text, point_text, range_or_number_text, range_or_point_text
from ..labels import label
from ..layout import Answer, Layout, Table, joined_facts, row
from ..verdict_words import verdict_text


def fitting_models(estimate: FittingModelsEstimate) -> Layout:
    """The newest generation of each family first, then older ones; one line for each model."""
    details = estimate.details
    names = (tell("Model"), tell("Stored as"), label("total_bytes"), label("max_context_tokens"))
    header = (*names, tell("Tokens/s"))
    newest = [part for part in estimate.parts if part.details.is_newest]
    older = [part for part in estimate.parts if not part.details.is_newest]
    tables = [
        Table(title, header, tuple(map(_model_row, parts)), right=frozenset({2, 3, 4}))
        for title, parts in (
            (tell("The newest of each family"), newest),
            (tell("Older generations"), older),
        )
        if parts
    ]
    value = tell("{n} of {all} models fit", n=details.n_fitting, all=details.n_tried)
    context = tell("with {n:,} tokens", n=details.context_tokens)
    about = joined_facts(said(details.device), details.engine_title, context)
    return Layout(tuple(tables), (), estimate.notes, answer=Answer(value, about))


def fitting_part(estimate: FittingModel | FittingGpu) -> Layout:
    """One line for each figure."""
    header = ("", tell("Value"), tell("How it is known"))
    rows = tuple(map(row, estimate.figures))
    return Layout((Table(said(estimate.subject), header, rows),), answer=_part_answer(estimate))


def _part_answer(estimate: FittingModel | FittingGpu) -> Answer:
    return Answer(said(estimate.subject), verdict=estimate.verdict)


def _model_row(part: FittingModel) -> tuple[str, ...]:
    details = part.details
    where = {"gpu": details.model, "both": tell("{model} (GPU + RAM)", model=details.model)}
    name = where.get(details.place) or tell("{model} (in RAM)", model=details.model)
    marked = name if part.verdict == "fits" else joined_facts(name, verdict_text(part))
    return (
        marked,
        details.quant,
        _of_each(range_or_point_text(part["total_bytes"]), details.tp),
        point_text(part["max_context_tokens"]),
        range_or_number_text(part["tokens_per_s"]),
    )


def _of_each(text: str, tp: int) -> str:
    """Memory of one GPU, which a model that is divided over several needs of each."""
    return tell("{size} each", size=text) if tp > 1 else text


def fitting_gpus(estimate: FittingGpusEstimate) -> Layout:
    """The cheapest first; then what no table has a rent of, the smallest first."""
    details = estimate.details
    rented = [part for part in estimate.parts if part["usd_per_hour"].value is not None]
    others = [part for part in estimate.parts if part["usd_per_hour"].value is None]
    header = (label("usd_per_hour"), tell("Machine"), "GPU", label("free_bytes"), label("max_context_tokens"))
    tables = []
    if rented:
        rows = tuple(map(_gpu_row, rented))
        tables.append(Table(tell("To rent, the cheapest first"), header, rows, right=frozenset({0, 3, 4})))
    if others:
        rows = tuple(map(_gpu_row, others))
        title = tell("Of unknown rent, the smallest first")
        tables.append(Table(title, header, rows, right=frozenset({0, 3, 4})))
    title = tell("{model} in {quant}", model=details.model, quant=details.quant)
    about = joined_facts(title, details.engine_title or "", _tried(estimate))
    return Layout(tuple(tables), (), estimate.notes, answer=Answer(_cheapest(rented, estimate), about))


def _tried(estimate: FittingGpusEstimate) -> str:
    details = estimate.details
    return tell("it fits {n} of {all} kinds of machines", n=details.n_fitting, all=details.n_tried)


def _cheapest(rented: list[FittingGpu], estimate: FittingGpusEstimate) -> str:
    """The machine to rent, with its price; else the smallest GPU."""
    if rented:
        best = rented[0]
        return tell(
            "{machine}, {rent}",
            machine=joined_facts(best.subject, _gpus(best)),
            rent=point_text(best["usd_per_hour"]),
        )
    return _gpus(estimate.parts[0]) if estimate.parts else tell("no machine")


def _gpus(part: FittingGpu) -> str:
    return devices_text(part.details.gpu, part.details.count)


def _gpu_row(part: FittingGpu) -> tuple[str, ...]:
    machine = joined_facts(part.details.cloud, part.details.instance)
    rent = part["usd_per_hour"]
    return (
        tell("unknown") if rent.value is None else point_text(rent),
        machine,
        _gpus(part),
        _of_each(point_text(part["free_bytes"]), part.details.tp),
        point_text(part["max_context_tokens"]),
    )
