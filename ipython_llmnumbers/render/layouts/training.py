"""What training needs, as a table: the parts of a step against what is free; and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...estimates.training.details import TrainingCostEstimate, TrainingEstimate
from ...figures import Figure, local_name
from ...messages import said, tell
from .. import formats
from ..figure_text import (
    amount_text,
    devices_text,
    needs_text,
    point_text,
    range_or_point_text,
    range_text,
    value_text,
)
from ..labels import label
from ..layout import Answer, Bar, Layout, Part, Table, joined_facts, local_rows
from ..verdict_words import verdict_text

_BAR = (
    *("weights_bytes", "adapters_bytes", "gathered_bytes", "optimizer_bytes"),
    *("reference_bytes", "moment_bytes", "overhead_bytes"),
)
# What is 0 in most ways to train is shown only where it is not.
_OPTIONAL = {
    "reference_bytes",
    "adapters_bytes",
    "gathered_bytes",
    "recomputed_bytes",
    "gradients_bytes",
    "optimizer_bytes",
}


def training(estimate: TrainingEstimate) -> Layout:
    """The verdict and the parts of the peak; dollars where tokens were given; one line for each other GPU."""
    count = estimate["n_gpus"].value
    device = said(estimate.details.device)
    title = tell(
        "Train {model} on {device}", model=estimate.details.model, device=devices_text(device, count)
    )
    needs = needs_text(estimate["total_bytes"], estimate["free_bytes"])
    needs = tell("each {needs}", needs=needs) if count and count > 1 else needs
    header = ("", tell("On each GPU"), tell("How it is made"))
    tables = [Table(tell("How it is made"), header, tuple(_rows(estimate)), is_folded=True)]
    if "flops" in estimate:
        tables.append(_cost(estimate))
    if estimate.parts:
        of_each = ("GPU", label("free_bytes"), label("total_bytes"), tell("Verdict"))
        others = tuple(
            (
                said(part.subject),
                value_text(part["free_bytes"]),
                value_text(part["total_bytes"]),
                verdict_text(part),
            )
            for part in estimate.parts
        )
        tables.append(Table(tell("On other GPUs"), of_each, others, right=frozenset({1, 2})))
    answer = Answer.judged(estimate.verdict, title, needs, said(estimate.details.method_title))
    return Layout(tuple(tables), (), estimate.notes, bars=tuple(_bars(estimate)), answer=answer)


def training_cost(estimate: TrainingCostEstimate) -> Layout:
    """Dollars, or where no rent is known days; then what they are made of."""
    usd, table, time = estimate["training_usd"], _cost(estimate), _time(estimate)
    if usd.value is None:
        answer = Answer(time, joined_facts(table.title, tell("rent {usd}", usd=value_text(usd))))
    else:
        value = amount_text(usd, estimate.get(local_name(usd.name)))
        answer = Answer(value, joined_facts(range_text(usd), table.title, time))
    folded = replace(table, title=tell("How it is made"), is_folded=True)
    return Layout((folded,), (), estimate.notes, answer=answer)


def _time(estimate: TrainingCostEstimate) -> str:
    days, n_gpus = estimate["days"], int(estimate["n_gpus"].value or 1)
    length = range_or_point_text(days)
    if n_gpus > 1:
        return tell("{days} on {n:,} GPUs", days=length, n=n_gpus)
    return tell("{days} on one GPU", days=length)


def _rows(estimate: TrainingEstimate) -> Iterator[tuple[str, str, str]]:
    details = estimate.details
    tokens = tell("{n:,} tokens × {batch:,}", n=details.seq_tokens, batch=details.micro_batch)
    how = {
        "weights_bytes": _parameters(estimate["params"]),
        "adapters_bytes": _parameters(estimate["trained_params"]),
        "activations_bytes": tell(
            "{tokens}, checkpointing: {checkpointing}",
            tokens=tokens,
            checkpointing=details.checkpointing,
        ),
        "recomputed_bytes": tell("one layer, computed again"),
        "logits_bytes": tell("of what was generated") if details.generator else tokens,
        "reference_bytes": tell("the policy as it was, frozen"),
        "generation_bytes": _generation(estimate),
        "gradients_bytes": said(estimate["gradients_bytes"].note) or details.precision,
        "optimizer_bytes": said(estimate["optimizer_bytes"].note) or details.optimizer,
        "gathered_bytes": tell("weights of other GPUs, for a moment"),
        "moment_bytes": _moment(estimate),
        "peak_bytes": tell("weights, optimizer and the worst moment of a step"),
        "overhead_bytes": tell("runtime, and what the allocator cannot use"),
        "total_bytes": tell("peak and overhead"),
        "free_bytes": said(estimate["free_bytes"].note),
    }
    for name, text in how.items():
        figure = estimate.get(name)
        if figure is None:
            continue
        if figure.value != 0 or name not in _OPTIONAL or _is_offloaded(figure):
            yield label(name), value_text(figure), text


def _moment(estimate: TrainingEstimate) -> str:
    match estimate.details.generator:
        case None | "server":
            return tell("gradients come as activations go: the greater of them")
        case "colocate":
            return tell("a step, with the engine beside it")
        case _:
            return tell("a step or generating: the greater of them")


def _generation(estimate: TrainingEstimate) -> str:
    """What makes the completions of GRPO; nothing where a model learns from given texts."""
    words = {
        "policy": tell("the policy itself: the cache of its completions"),
        "colocate": tell("an engine on the same GPU: its share of it"),
        "sleep": tell("an engine on the same GPU, which sleeps while the policy is trained"),
        "server": tell("on other GPUs"),
    }
    return words.get(estimate.details.generator or "", "")


def _is_offloaded(figure: Figure) -> bool:
    """Whether an optimizer takes nothing because it is in the CPU's memory: that 0 is not computed."""
    return figure.name == "optimizer_bytes" and figure.origin == "assumed"


def _parameters(figure: Figure) -> str:
    return tell("{params} parameters", params=value_text(figure))


def _cost(estimate: TrainingEstimate | TrainingCostEstimate) -> Table:
    flops, hours, usd = (estimate[name] for name in ("flops", "gpu_hours", "training_usd"))
    rows = [
        (label("flops"), _flops(flops), flops.formula or ""),
        (label("gpu_hours"), value_text(hours), tell("at {share} of the GPU's peak", share=_mfu(hours))),
        (label("training_usd"), value_text(usd), _rent(usd)),
        *local_rows(estimate, "training_usd"),
        (label("days"), value_text(estimate["days"]), _on_gpus(estimate)),
    ]
    if "scaled_gpu_hours" in estimate:
        scaled, scaled_usd = estimate["scaled_gpu_hours"], estimate["scaled_usd"]
        rows.append((label("scaled_gpu_hours"), value_text(scaled), said(scaled.note)))
        rows.append((label("scaled_days"), value_text(estimate["scaled_days"]), _on_gpus(estimate)))
        rows.append((label("scaled_usd"), value_text(scaled_usd), _rent(scaled_usd)))
        rows += local_rows(estimate, "scaled_usd")
    share = estimate["share_of_pretraining"]
    rows.append((label(share.name), value_text(share), said(share.note)))
    tokens = formats.short_number(flops.inputs[1].value or 0)
    title = tell(
        "{model} on {tokens} tokens, on {device}",
        model=estimate.details.model,
        tokens=tokens,
        device=estimate.details.device,
    )
    return Table(title, ("", tell("Value"), tell("How it is made")), tuple(rows))


def _on_gpus(estimate: TrainingEstimate | TrainingCostEstimate) -> str:
    return tell("GPU-hours / {n:,} / 24", n=int(estimate["n_gpus"].value or 1))


def _mfu(hours: Figure) -> str:
    mfu = next(each for _, each in hours.walk() if each.name == "mfu")
    return formats.span(f"{float(mfu.low or 0):.0%}", f"{float(mfu.high or 0):.0%}")


def _flops(figure: Figure) -> str:
    return tell("unknown") if figure.value is None else f"{float(figure.value):.2g} FLOP"


def _rent(usd: Figure) -> str:
    rent = next(each for _, each in usd.walk() if each.name == "usd_per_gpu_hour")
    if rent.value is None:
        return said(rent.note)
    text = tell("{usd} an hour for each GPU", usd=formats.usd(rent.value))
    return f"{text}: {said(rent.note)}" if rent.note else text


def _bars(estimate: TrainingEstimate) -> Iterator[Bar]:
    """What is there at the worst moment, and the overhead, against what is free."""
    free = estimate["free_bytes"]
    if free.value:
        figures = (estimate[name] for name in _BAR if name in estimate)
        parts = (
            Part(label(each.name), float(each.value) / 2**30, point_text(each))
            for each in figures
            if each.value
        )
        yield Bar(tuple(parts), float(free.value) / 2**30, value_text(free))
