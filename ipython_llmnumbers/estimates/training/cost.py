"""What training costs: operations, GPU-hours and dollars, with the range that real runs show."""

from __future__ import annotations

from decimal import Decimal

from ...catalog.hardware.gpus import Gpu, find_gpu, find_gpus
from ...catalog.numbers_2023 import input_2023
from ...catalog.open_models.spec import ModelSpec
from ...catalog.training_methods import Run, default_gpu, published_runs
from ...figures import Figure, Note, assumed, derive, given
from ...formulas import training
from ...messages import option, say
from ..currency import with_currency
from ..open_model import model_notes, resolve_model
from ..parameters import one_unless_given
from ..subjects import without_object
from .details import TrainingCostDetails, TrainingCostEstimate
from .question import TrainingCost

# A run is of the model's own size where the two differ by no more than this.
_SAME_SIZE = 0.1
_SAME_KIND = 0.01
_RENT = "usd_per_gpu_hour"
_NO_GPU = say("no GPU is named; give {option:gpu}")
# Whose tokens stand for what models of 2024 were trained on.
_RUN_OF_2024 = "Llama-3.1-8B"


def estimate_training_cost(question: TrainingCost) -> TrainingCostEstimate:
    """What it costs to train a model on so many tokens; on an A100 of 80 GB unless a GPU is named."""
    spec = resolve_model(question.model)
    if question.text_only:
        spec = spec.without_tower()
    gpu = find_gpu(question.gpu or default_gpu())
    n_gpus = n_gpus_figure(question.gpu, question.n_gpus)
    figures = cost_figures(
        spec.active_params_figure(),
        question.method,
        question.train_tokens,
        gpu,
        question.usd_per_gpu_hour,
        n_gpus,
    )
    estimate = TrainingCostEstimate(
        subject=spec.name,
        figures=(spec.params_figure(), n_gpus, *figures),
        notes=(*model_notes(spec), *cost_notes(spec, figures[2])),
        details=TrainingCostDetails(model=spec.name, device=gpu.name, method=question.method),
        question=without_object(question, spec.name),
    )
    return with_currency(estimate, question.money)


def n_gpus_figure(gpu: str | None, n_gpus: int) -> Figure:
    """How many GPUs train together: as said, else as many as the GPU's name is of (`8x H100`)."""
    named = find_gpus(gpu).count if gpu is not None else 1
    if n_gpus == 1 and named > 1:
        return given("n_gpus", named, "GPUs", option("gpu", gpu))
    return one_unless_given("n_gpus", n_gpus, "GPUs")


def cost_figures(
    params: Figure,
    method: str,
    tokens: int,
    gpu: Gpu | None,
    usd_per_gpu_hour: Decimal | None,
    n_gpus: Figure,
) -> tuple[Figure, ...]:
    """What so many tokens cost, hours, days and dollars unknown where the GPU's speed or rent is.

    In this order: `flops` (FLOP), `gpu_hours` (GPU-h), `training_usd` (USD), `days` (days), where a run
    of that size was published `scaled_gpu_hours`, `scaled_days` and `scaled_usd`, and
    `share_of_pretraining`.
    """
    n_tokens = given("n_tokens", tokens, "tokens", option("train_tokens"))
    count = training.training_flops if method == "full" else training.lora_training_flops
    flops = derive("flops", "FLOP", count, n_params=params, n_tokens=n_tokens)
    peak = gpu.flops_figure() if gpu is not None else assumed("peak_flops_per_s", None, "FLOP/s", _NO_GPU)
    hours = derive(
        "gpu_hours",
        "GPU-h",
        training.gpu_hours_for_flops,
        flops=flops,
        peak_flops_per_s=peak,
        mfu=input_2023("mfu"),
    )
    rent = _rent(gpu, usd_per_gpu_hour)
    usd = derive("training_usd", "USD", training.training_usd, gpu_hours=hours, usd_per_gpu_hour=rent)
    run = _by_a_run(n_tokens, rent, n_gpus, _run_of(params, gpu) if method == "full" else None)
    return (flops, hours, usd, _days("days", hours, n_gpus), *run, _share(tokens))


def _days(name: str, gpu_hours: Figure, n_gpus: Figure) -> Figure:
    return derive(name, "days", training.calendar_days, gpu_hours=gpu_hours, n_gpus=n_gpus)


def _rent(gpu: Gpu | None, usd_per_gpu_hour: Decimal | None) -> Figure:
    if usd_per_gpu_hour is not None:
        return given(_RENT, usd_per_gpu_hour, "USD/h", option("usd_per_gpu_hour"))
    if gpu is None:
        return assumed(_RENT, None, "USD/h", _NO_GPU)
    rent = gpu.hourly_figure()
    if rent.value is None and gpu.name.startswith("A100"):
        return input_2023("a100_usd")
    return rent


def _by_a_run(n_tokens: Figure, rent: Figure, n_gpus: Figure, run: Run | None) -> tuple[Figure, ...]:
    """`scaled_gpu_hours` (GPU-h), `scaled_days` and `scaled_usd` (USD); nothing without a published run."""
    # Tuning on a few tokens is no run of that kind.
    if run is None or float(n_tokens.value or 0) < _SAME_KIND * run.tokens:
        return ()
    hours = derive(
        "scaled_gpu_hours",
        "GPU-h",
        training.scaled_gpu_hours,
        note=say("as {run} took, on {gpu}", run=run.name, gpu=run.gpu),
        gpu_hours=run.figure("gpu_hours", "GPU-h"),
        trained_tokens=run.figure("tokens", "tokens"),
        target_tokens=n_tokens,
    )
    usd = derive("scaled_usd", "USD", training.training_usd, gpu_hours=hours, usd_per_gpu_hour=rent)
    return (hours, _days("scaled_days", hours, n_gpus), usd)


def _run_of(params: Figure, gpu: Gpu | None) -> Run | None:
    """The published run that is nearest in size, of those on a GPU that computes as fast."""
    value = float(params.value or 0)
    near = [
        run
        for run in published_runs()
        if abs(run.params - value) <= _SAME_SIZE * run.params
        and (gpu is None or find_gpu(run.gpu).flops_figure().value == gpu.flops_figure().value)
    ]
    return min(near, key=lambda run: abs(run.params - value), default=None)


def _share(tokens: int) -> Figure:
    few = input_2023("training_tokens").value
    many = next(run.tokens for run in published_runs() if run.name == _RUN_OF_2024)
    note = say("1.4T tokens in the document of 2023, 15T for Llama 3.1")
    return derive(
        "share_of_pretraining",
        "",
        training.share_of_pretraining,
        note=say("against making the model, at the same price per token"),
        n_tokens=given("n_tokens", tokens, "tokens", option("train_tokens")),
        pretraining_tokens=assumed("pretraining_tokens", few, "tokens", note, high=many),
    )


def cost_notes(spec: ModelSpec, usd: Figure) -> list[Note]:
    """What the GPU-hours leave out, how real runs lie to the range, and a rent that is not today's."""
    notes = [Note(say("rent of the GPUs while they compute: no restarts, trials, storage or people"))]
    for run in published_runs():
        if run.name.startswith(spec.name) or spec.name.startswith(run.name):
            text = say(
                "{run} took {hours:,} GPU-hours: {share:.0%} of the peak",
                run=run.name,
                hours=run.gpu_hours,
                share=implied_mfu_of(run).value,
            )
            notes.append(Note(text))
    if any(each.source == input_2023("a100_usd").source for _, each in usd.walk() if each.name == _RENT):
        text = say("no rent of today is known for this GPU: the document's $5 an hour of 2023 counts")
        notes.append(Note(text))
    return notes


def implied_mfu_of(run: Run) -> Figure:
    """The share of the peak that a published run reached."""
    flops = derive(
        "flops",
        "FLOP",
        training.training_flops,
        n_params=run.figure("params", "parameters"),
        n_tokens=run.figure("tokens", "tokens"),
    )
    return derive(
        "mfu",
        "",
        training.implied_mfu,
        flops=flops,
        gpu_hours=run.figure("gpu_hours", "GPU-h"),
        peak_flops_per_s=find_gpu(run.gpu).flops_figure(),
    )
