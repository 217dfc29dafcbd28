"""What the numbers come to here: for this notebook's text and model, and its GPU or a chosen one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date

from ...catalog.hardware.gpus import Gpu, find_gpu
from ...catalog.numbers_2023 import stand_in
from ...catalog.prices.find import find_price
from ...errors import LLMNumbersError
from ...figures import Figure, Source, derive, measured, published
from ...formulas import ratios, speed, tokens, training
from ...messages import joined, say
from ...probes.hardware.local_gpus import GpuDevice, local_gpus
from ...records import dataclass
from ..devices import instrument_name
from ..tokens.one_text import estimate_tokens
from . import lookups
from .formulas_2023 import TRAINING_FLOPS, ratio
from .formulas_newer import discount
from .formulas_today import OPEN_MODEL_WEIGHTS, blended_ratio, both, price
from .inputs import Formula, Lookup, compute, make_formula


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook as far as numbers ask: its model, the text last counted in it, and a GPU that was chosen.

    Without a chosen GPU it is the machine's own.
    """

    model: str | None = None
    text: str | None = None
    gpu: str | None = None


def here(key: str, notebook: Notebook) -> Figure | None:
    """The number's figure `here`; None where it has no meaning in this notebook."""
    answer = _ANSWERS.get(key)
    return answer(notebook) if answer else None


def _counted(notebook: Notebook, name: str) -> Figure | None:
    """Tokens to a word or a character of the text last counted; None where it has none."""
    if not notebook.text or notebook.model is None:
        return None
    figure: Figure = estimate_tokens(notebook.text, notebook.model)[name]
    if figure.value is None:
        return None
    return replace(figure, name="here", note=say("{model}, the text last counted here", model=notebook.model))


def _tokens_per_word(notebook: Notebook) -> Figure | None:
    # A text without spaces has no words: what it has says its own unit.
    return _counted(notebook, "tokens_per_word") or _counted(notebook, "tokens_per_char")


def _tokens_per_char(notebook: Notebook) -> Figure | None:
    """Of a text that has no words between spaces: of another it would be no number of Japanese."""
    return None if _counted(notebook, "tokens_per_word") else _counted(notebook, "tokens_per_char")


def _of_model(build: Callable[[str], Formula]) -> Callable[[Notebook], Figure | None]:
    """The number of the notebook's model; none where that model has no such price."""

    def answer(notebook: Notebook) -> Figure | None:
        if notebook.model is None or find_price(notebook.model) is None:
            return None
        figure = compute(build(notebook.model))
        return figure if figure.value is not None else None

    return answer


def _price(model: str, side: str) -> Lookup:
    return Lookup(lookups.model_price, (model, side))


def _both(model: str) -> tuple[Lookup, Lookup]:
    return _price(model, "input"), _price(model, "output")


def _to_small(model: str) -> Formula:
    note = say("{model} to OpenAI's small model", model=model)
    return blended_ratio("here", _both(model), both("openai_small"), note)


def _fine_tuned(model: str) -> Formula:
    note = say("{model}, fine-tuned to base", model=model)
    return blended_ratio("here", _both(f"ft:{model}"), _both(model), note)


def _to_embedding(model: str) -> Formula:
    note = say("{model}, output, to an embedding", model=model)
    return ratio("here", _price(model, "output"), price("embedding", "input"), note)


def _sides(dearer: str, cheaper: str) -> Callable[[str], Formula]:
    return lambda model: ratio("here", _price(model, dearer), _price(model, cheaper), model)


def _discount(side: str) -> Callable[[str], Formula]:
    return lambda model: discount("here", _price(model, "input"), _price(model, side), model)


def _thousand_questions(model: str) -> Formula:
    return make_formula(
        "here",
        "USD",
        ratios.requests_usd,
        model,
        requests="asked_requests",
        input_tokens="asked_input_tokens",
        output_tokens="asked_output_tokens",
        input_usd_per_mtok=_price(model, "input"),
        output_usd_per_mtok=_price(model, "output"),
    )


def _window_words(notebook: Notebook) -> Figure | None:
    price = find_price(notebook.model) if notebook.model else None
    if price is None or price.context_window_tokens is None:
        return None
    window = published("window_tokens", price.context_window_tokens, "tokens", price.source, note=price.model)
    rule = lookups.rule_tokens_per_word()
    note = str(notebook.model)
    return derive(
        "here", "words", tokens.units_in_window, note=note, window_tokens=window, tokens_per_unit=rule
    )


# -- the GPU ------------------------------------------------------------------------------


def _device() -> tuple[GpuDevice, Source] | None:
    """This machine's first GPU, and the instrument that saw it."""
    reading = local_gpus()
    name = instrument_name("NVML", reading.driver_version)
    for device in reading.devices:
        return device, Source(name, None, date.today())
    return None


def _gpu(notebook: Notebook) -> Gpu | None:
    """The chosen GPU, else the machine's own; None where there is none or no table knows it."""
    if notebook.gpu is not None:
        return find_gpu(notebook.gpu)
    found = _device()
    if found is not None:
        with suppress(LLMNumbersError):
            return find_gpu(found[0].name, found[0].total_bytes)
    return None


def _gpu_memory(notebook: Notebook) -> Figure:
    """The memory of the GPU; unknown, and saying why, where there is none."""
    if notebook.gpu is not None:
        gpu = find_gpu(notebook.gpu)
        return published("here", gpu.memory_bytes, "bytes", gpu.source, note=gpu.name)
    found = _device()
    if found is None:
        return _no_gpu("bytes")
    device, source = found
    return measured("here", device.total_bytes, "bytes", source, note=device.problem or device.name)


def _roofline(notebook: Notebook) -> Figure:
    found = _device()
    if notebook.gpu is not None:
        gpu = find_gpu(notebook.gpu)
        name, bandwidth = gpu.name, gpu.bandwidth_figure()
    elif found is None:
        return _no_gpu("tokens/s")
    else:
        device, source = found
        name = device.name
        bandwidth = measured(
            "bandwidth_bytes_per_s", device.bandwidth_bytes_per_s, "bytes/s", source, note=name
        )
    return derive(
        "here",
        "tokens/s",
        ratios.roofline_tokens_per_s,
        note=say("the same model on {device}", device=name),
        bandwidth_bytes_per_s=bandwidth,
        weights_bytes=compute(OPEN_MODEL_WEIGHTS),
    )


def _on_gpu(unit: str, build: Callable[[Gpu], Figure | None]) -> Callable[[Notebook], Figure | None]:
    """A number that a GPU of the tables makes; None where its speed or its rent is not known."""

    def answer(notebook: Notebook) -> Figure | None:
        gpu = _gpu(notebook)
        if gpu is None:
            return None if unit.startswith("USD") or _device() is not None else _no_gpu(unit)
        figure = build(gpu) if gpu.flops_figure().value and gpu.bandwidth_figure().value else None
        return None if figure is None or figure.value is None else figure

    return answer


def _training_usd(gpu: Gpu) -> Figure:
    hours = derive(
        "gpu_hours",
        "GPU-h",
        training.gpu_hours_for_flops,
        flops=compute(TRAINING_FLOPS),
        peak_flops_per_s=gpu.flops_figure(),
        mfu=compute("mfu"),
    )
    rent = gpu.hourly_figure()
    note = say("on {gpu}", gpu=gpu.name)
    return derive("here", "USD", training.training_usd, note=note, gpu_hours=hours, usd_per_gpu_hour=rent)


def _speedup(gpu: Gpu) -> Figure | None:
    figure = lookups.fitting_speedup(stand_in("open_model").model, gpu.name)
    return None if figure is None else replace(figure, name="here")


def _own_usd(gpu: Gpu) -> Figure:
    tokens_per_s = lookups.speed_of(
        stand_in("open_model").model, gpu.name, "tokens_per_s", lookups.BATCHES[0]
    )
    note = say("on {gpu}, batch {n}", gpu=gpu.name, n=lookups.BATCHES[0])
    rent = gpu.hourly_figure()
    return derive(
        "here",
        "USD/Mtok",
        speed.own_usd_per_mtok,
        note=note,
        usd_per_hour=rent,
        tokens_per_s=tokens_per_s,
    )


def _no_gpu(unit: str) -> Figure:
    note = joined(": ", say("no GPU"), local_gpus().unavailable)
    return measured("here", None, unit, Source("NVML", None, date.today()), note=note)


_ANSWERS: dict[str, Callable[[Notebook], Figure | None]] = {
    "tokens_per_word": _tokens_per_word,
    "tokens_per_japanese_char": _tokens_per_char,
    "gpt4_to_gpt35_cost": _of_model(_to_small),
    "generation_to_embedding_cost": _of_model(_to_embedding),
    "fine_tuned_to_base_cost": _of_model(_fine_tuned),
    "gpu_memory": _gpu_memory,
    "cached_input_discount": _of_model(_discount("cached_input")),
    "batch_discount": _of_model(_discount("batch_input")),
    "output_to_input_cost": _of_model(_sides("output", "input")),
    "long_context_cost": _of_model(_sides("long_input", "input")),
    "decode_tokens_per_s": _roofline,
    "batching_throughput": _on_gpu("×", _speedup),
    "training_13b_cost": _on_gpu("USD", _training_usd),
    "self_hosted_output_usd": _on_gpu("USD/Mtok", _own_usd),
    "thousand_questions_usd": _of_model(_thousand_questions),
    "window_words": _window_words,
}
