"""What the numbers come to here: for this notebook's text and model, on this machine's GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from ...catalog.prices.find import find_price
from ...figures import Figure, Source, derive, measured
from ...formulas import ratios
from ...messages import joined, say
from ...probes.hardware.local_gpus import GpuDevice, local_gpus
from ..devices import instrument_name
from ..tokens.one_text import estimate_tokens
from . import lookups
from .formulas_2023 import ratio
from .formulas_today import OPEN_MODEL_WEIGHTS, blended_ratio, both, discount, price
from .inputs import Formula, Lookup, compute


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook as far as numbers ask: its default model and the text last counted in it, if any."""

    model: str | None = None
    text: str | None = None


def here(key: str, notebook: Notebook) -> Figure | None:
    """The number's figure `here`; None where it has no meaning in this notebook."""
    answer = _ANSWERS.get(key)
    return answer(notebook) if answer else None


def _tokens_per_word(notebook: Notebook) -> Figure | None:
    if not notebook.text or notebook.model is None:
        return None
    counted = estimate_tokens(notebook.text, notebook.model)
    figure: Figure = counted["tokens_per_word"]
    if figure.value is None:
        figure = counted["tokens_per_char"]
    return replace(figure, name="here", note=say("{model}, the text last counted here", model=notebook.model))


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


def _devices() -> Iterator[tuple[GpuDevice, Source]]:
    reading = local_gpus()
    name = instrument_name("NVML", reading.driver_version)
    for device in reading.devices:
        yield device, Source(name, None, date.today())


def _gpu_memory(_notebook: Notebook) -> Figure:
    """The memory of this machine's GPU; unknown, and saying why, where there is none."""
    for device, source in _devices():
        return measured("here", device.total_bytes, "bytes", source, note=device.problem or device.name)
    return _no_gpu("bytes")


def _roofline(_notebook: Notebook) -> Figure:
    for device, source in _devices():
        bandwidth = measured(
            "bandwidth_bytes_per_s", device.bandwidth_bytes_per_s, "bytes/s", source, note=device.name
        )
        weights = compute(OPEN_MODEL_WEIGHTS)
        note = say("the same model on {device}", device=device.name)
        return derive(
            "here",
            "tokens/s",
            ratios.roofline_tokens_per_s,
            note=note,
            bandwidth_bytes_per_s=bandwidth,
            weights_bytes=weights,
        )
    return _no_gpu("tokens/s")


def _no_gpu(unit: str) -> Figure:
    note = joined(": ", say("no GPU"), local_gpus().unavailable)
    return measured("here", None, unit, Source("NVML", None, date.today()), note=note)


_ANSWERS: dict[str, Callable[[Notebook], Figure | None]] = {
    "tokens_per_word": _tokens_per_word,
    "gpt4_to_gpt35_cost": _of_model(_to_small),
    "generation_to_embedding_cost": _of_model(_to_embedding),
    "fine_tuned_to_base_cost": _of_model(_fine_tuned),
    "gpu_memory": _gpu_memory,
    "cached_input_discount": _of_model(_discount("cached_input")),
    "batch_discount": _of_model(_discount("batch_input")),
    "output_to_input_cost": _of_model(_sides("output", "input")),
    "long_context_cost": _of_model(_sides("long_input", "input")),
    "decode_tokens_per_s": _roofline,
}
