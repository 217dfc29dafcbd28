"""Does training fit? What a step needs on each GPU, against the memory that is free there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ...catalog.hardware.gpus import shown_gpus
from ...catalog.open_models.quants import find_quant
from ...catalog.open_models.spec import ModelSpec
from ...catalog.training_methods import find_optimizer, find_precision, step_fact
from ...errors import UsageError
from ...figures import Figure, Note, Verdict, derive
from ...formulas import training_memory as memory
from ...messages import joined, option, say
from ..currency import with_currency
from ..devices import Device, freest_local_device, named_device, verdict
from ..memory.needs import check_tp
from ..memory.notes import too_long
from ..open_model import model_notes, resolve_layers
from ..subjects import without_object
from .advice import training_advice
from .cost import cost_figures, cost_notes, n_gpus_figure
from .details import TrainingDetails, TrainingEstimate
from .needs import TrainingNeeds, training_needs, training_overhead
from .plan import Grpo, Plan
from .question import Train


def estimate_training(question: Train) -> TrainingEstimate:
    """What one GPU needs to train a model, and whether it has that.

    >>> estimate_training(Train(model="llama-3.1-8b", method="qlora", gpu="RTX 4090")).verdict
    'fits'
    """
    question = replace(question, n_gpus=int(n_gpus_figure(question.gpu, question.n_gpus).value or 1))
    spec = resolve_layers(question.model, say("training"))
    _check(spec, question)
    plan = _plan(spec.without_tower() if question.text_only else spec, question)
    question = without_object(question, plan.spec.name)
    return with_currency(_training(plan, question), question.money)


def _check(spec: ModelSpec, question: Train) -> None:
    """Refuse completions of a model that makes none, and an engine that the GPUs cannot hold together.

    Raises:
        UsageError: either of them.
    """
    if question.is_grpo and spec.architecture.is_encoder:
        text = "{model} is an encoder and makes no completions: {option} has nothing to learn from"
        raise UsageError(text, model=spec.name, option=option("method", question.method))
    check_tp(spec, question.tp)
    if question.n_gpus % question.tp:
        raise UsageError("{option:tp={tp}} does not divide the {n} GPUs", tp=question.tp, n=question.n_gpus)


def _plan(spec: ModelSpec, question: Train) -> Plan:
    """The question with what was not said filled in, and what was said looked up."""
    precision, stage, method = question.precision, question.zero_stage, question.trained
    if precision is None:
        precision = "mixed" if method == "full" else "bf16"
    if stage is None:
        stage = 3 if question.n_gpus != 1 else 0
    grpo = _grpo(question) if question.is_grpo else None
    return Plan(
        spec=spec,
        method=method,
        precision=find_precision(precision),
        optimizer=find_optimizer(question.optimizer),
        checkpointing=question.checkpointing,
        seq_tokens=question.seq_tokens,
        micro_batch=question.micro_batch or (grpo.generations if grpo else 1),
        zero_stage=stage,
        n_gpus=question.n_gpus,
        offload=question.offload,
        lora_rank=question.lora_rank,
        quant=find_quant(question.quant).name,
        # Selective recomputation leaves out just what a fused kernel never keeps.
        eager_attention=question.attention == "eager" and question.checkpointing != "selective",
        compiled=question.compiled,
        chunked_loss=question.chunked_loss,
        step_in_backward=question.step_in_backward,
        grpo=grpo,
    )


def _grpo(question: Train) -> Grpo:
    usual = int(step_fact("generations").value)
    return Grpo(
        generator=question.generator or "policy",
        generations=question.generations or usual,
        tp=question.tp,
        output_tokens=question.output_tokens,
        reference_model=question.reference_model,
        utilization=question.utilization,
    )


def _training(plan: Plan, question: Train) -> TrainingEstimate:
    device = freest_local_device() if question.gpu is None else named_device(question.gpu)
    parts: tuple[TrainingEstimate, ...] = ()
    if device.kind == "none":
        parts = tuple(
            _judge(plan, each, each.name, replace(question, gpu=each.name), advise=False)
            for each in map(named_device, shown_gpus("train"))
        )
    cost = _cost(plan, device, question.train_tokens, question.usd_per_gpu_hour)
    return _judge(plan, device, plan.spec.name, question, cost, parts)


def _judge(
    plan: Plan,
    device: Device,
    subject: str,
    question: Train,
    cost: tuple[Figure, ...] = (),
    parts: tuple[TrainingEstimate, ...] = (),
    *,
    advise: bool = True,
) -> TrainingEstimate:
    needs = training_needs(plan, device)
    overhead, total = _total(plan, needs)
    judged = verdict(total, device.free_bytes)
    return TrainingEstimate(
        subject=subject,
        figures=(
            needs.params,
            needs.trained_params,
            needs.weights_bytes,
            needs.adapters_bytes,
            needs.gradients_bytes,
            needs.optimizer_bytes,
            needs.gathered_bytes,
            needs.activations_bytes,
            needs.recomputed_bytes,
            needs.logits_bytes,
            *((needs.grpo.reference_bytes, needs.grpo.generation_bytes) if needs.grpo else ()),
            needs.moment_bytes,
            needs.peak_bytes,
            overhead,
            total,
            device.free_bytes,
            n_gpus_figure(None, plan.n_gpus),
            *cost,
        ),
        notes=(
            *device.notes,
            *_notes(plan),
            *(_advice(plan, question, device, judged) if advise else ()),
            *(cost_notes(plan.spec, cost[2]) if cost else ()),
        ),
        verdict=judged,
        details=TrainingDetails(
            model=plan.spec.name,
            method=question.method,
            method_title=_title(plan),
            device=device.name,
            device_kind=device.kind,
            precision=plan.precision.name,
            optimizer=plan.optimizer.name,
            checkpointing=plan.checkpointing,
            seq_tokens=plan.seq_tokens,
            micro_batch=plan.micro_batch,
            generator=plan.grpo.generator if plan.grpo else None,
        ),
        question=question,
        parts=parts,
    )


def _total(plan: Plan, needs: TrainingNeeds) -> tuple[Figure, Figure]:
    """`overhead_bytes`, and `total_bytes`: all that must be free on a GPU."""
    overhead = training_overhead(needs.peak_bytes, plan.n_gpus)
    total = derive(
        "total_bytes",
        "bytes",
        memory.training_total_bytes,
        peak_bytes=needs.peak_bytes,
        overhead_bytes=overhead,
    )
    return overhead, total


def _advice(plan: Plan, question: Train, device: Device, judged: Verdict | None) -> list[Note]:
    if judged == "tight":
        text = say(
            "tight: whether it fits lies within what is known of the framework; a chunked loss, fused norms"
            " and gradients that are given up after each step need least"
        )
        return [Note(text, "warning")]
    if judged != "does not fit":
        return []

    def judge(changed: Plan, gpu: str | None) -> Verdict | None:
        other = named_device(gpu) if gpu else device
        _, total = _total(changed, training_needs(changed, other))
        return verdict(total, other.free_bytes)

    return training_advice(plan, question, judge)


def _cost(
    plan: Plan, device: Device, tokens: int | None, usd_per_gpu_hour: Decimal | None
) -> tuple[Figure, ...]:
    if tokens is None:
        return ()
    active = plan.spec.active_params_figure()
    n_gpus = n_gpus_figure(None, plan.n_gpus)
    return cost_figures(active, plan.method, tokens, device.gpu, usd_per_gpu_hour, n_gpus)


def _title(plan: Plan) -> str:
    """The method in words: what is trained, in which numbers, with which optimizer."""
    what = {
        "full": say("all weights"),
        "lora": say("LoRA of rank {rank}", rank=plan.lora_rank),
        "qlora": say("LoRA of rank {rank} on {quant} weights", rank=plan.lora_rank, quant=plan.quant),
    }[plan.method]
    learns = "GRPO" if plan.grpo else ""
    return joined(", ", learns, what, plan.precision.name, plan.optimizer.name)


def _notes(plan: Plan) -> list[Note]:
    spec, notes = plan.spec, model_notes(plan.spec)
    if spec.given_params is not None:
        text = say(
            "{size} is a size, not a model: its shape is taken from {model}",
            size=spec.name,
            model=spec.name_of_shape,
        )
        notes.append(Note(text))
    if any(each.sees for each in spec.architecture.matrices):
        text = say("the weights hold the tower that sees; {option:text_only=True} leaves it out")
        notes.append(Note(text))
    notes += too_long(spec, plan.seq_tokens)
    if plan.optimizer.name.startswith("paged"):
        text = say("a paged optimizer moves to the CPU's memory when the GPU's is short, and slows down")
        notes.append(Note(text))
    return notes
