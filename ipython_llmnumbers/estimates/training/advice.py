"""What to change where training does not fit: the changes that would make it fit, least harmful first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from ...catalog.hardware.gpus import advised_gpus
from ...catalog.training_methods import find_optimizer, find_precision
from ...figures import Note, Verdict
from ...messages import joined, option, say
from ..devices import named_devices
from ..memory.advice import gpu_option
from .plan import Plan
from .question import Train

# A few lines help; a page of them does not.
_MOST = 3


def training_advice(
    plan: Plan, question: Train, judge: Callable[[Plan, str | None], Verdict | None]
) -> list[Note]:
    """The changes after which `judge` says `fits`; it takes a plan, and a GPU where another is meant.

    What the caller has said stays: a change is all that must be added to the `question`.
    """
    notes: dict[str, Note] = {}
    for asked, changed, gpu in _changes(plan, question):
        sort = re.split(r"[ =]", asked)[0]
        if sort not in notes and judge(changed, gpu) == "fits":
            notes[sort] = Note(say("it fits with {option}", option=asked))
        if len(notes) == _MOST:
            break
    return list(notes.values())


def _changes(plan: Plan, question: Train) -> Iterator[tuple[str, Plan, str | None]]:
    """Each change by its option: first what costs time, then what costs precision, then money."""
    if plan.grpo is not None and plan.grpo.generator == "colocate":
        asleep = replace(plan, grpo=replace(plan.grpo, generator="sleep"))
        yield option("generator", "sleep"), asleep, None
    if plan.checkpointing != "full":
        yield option("checkpointing", "full"), replace(plan, checkpointing="full"), None
    if not plan.chunked_loss:
        yield option("chunked_loss", True), replace(plan, chunked_loss=True), None
    if plan.method == "full" and plan.optimizer.moment_bytes is None and plan.optimizer.moments:
        yield option("optimizer", "adamw8bit"), replace(plan, optimizer=find_optimizer("adamw8bit")), None
    learning = "grpo-" if plan.grpo is not None else ""
    for method in ("lora", "qlora")[("full", "lora", "qlora").index(plan.method) :]:
        frozen = replace(plan, method=method, precision=find_precision("bf16"))
        asked = option("method", f"{learning}{method}")
        if question.precision is None:
            yield asked, frozen, None
        else:
            yield asked, replace(plan, method=method), None
            yield joined(" ", asked, option("precision", "bf16")), frozen, None
    together = plan.grpo.tp if plan.grpo is not None else 1
    for n_gpus in (2, 4, 8, 16, 32, 64):
        if n_gpus > plan.n_gpus and n_gpus % together == 0:
            gpus = joined(" ", option("n_gpus", n_gpus), option("zero_stage", 3))
            yield gpus, replace(plan, n_gpus=n_gpus, zero_stage=3), None
    # A count that was read in the GPU's name goes with it.
    counted = question.gpu is not None and len(named_devices(question.gpu)) > 1
    for name in advised_gpus("train"):
        gpu = gpu_option(name)
        yield joined(" ", option("n_gpus", plan.n_gpus), gpu) if counted else gpu, plan, name
