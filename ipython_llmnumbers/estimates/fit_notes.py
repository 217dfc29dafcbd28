"""What is said beside the figures: what was supposed, what is not counted, what does not start."""

from __future__ import annotations

from ..figures import Note, Verdict
from .fit_devices import Device
from .fit_needs import Needs

_TIGHT = (
    "tight: it fits with a lean engine such as llama.cpp, not with one that plans for many "
    "requests, as vLLM does unless told otherwise; --engine settles it"
)
_TIGHT_ENGINE = "tight: whether it fits lies within what is known of {}"


def fit_notes(needs: Needs, device: Device, verdict: Verdict | None) -> list[Note]:
    """The notes of one device, in the order in which they are read."""
    notes = [*_model_notes(needs), *_start_notes(needs, device)]
    if verdict == "tight":
        engine = needs.engine
        notes.append(Note(_TIGHT_ENGINE.format(engine.title) if engine else _TIGHT, "warning"))
    return notes


def _model_notes(needs: Needs) -> list[Note]:
    spec, context = needs.spec, needs.context_tokens.value
    notes = []
    if spec.given_params is not None:
        text = f"{spec.name} is a size, not a model: what a token keeps is taken from {spec.name_of_shape}"
        notes.append(Note(text))
    longest = spec.max_context_tokens
    if longest is not None and context is not None and context > longest:
        text = f"{context:,} tokens are more than the {longest:,} that {spec.name} was made for"
        notes.append(Note(text, "warning"))
    if needs.draft_layers and not any(each.draft for each in spec.architecture.matrices):
        notes.append(Note("the draft's own weights are not counted: they depend on the draft", "warning"))
    if not spec.architecture.knows_cache:
        notes.append(
            Note(f"{spec.name} has no config.json beside it: what a token keeps is unknown", "warning")
        )
    for part in spec.architecture.uncounted:
        notes.append(Note(f"{spec.name}: {part} is not counted; its weights come on top", "warning"))
    return notes


def _start_notes(needs: Needs, device: Device) -> list[Note]:
    """vLLM does not start where less is free than the share of the GPU that it asks for."""
    engine, free, whole = needs.engine, device.free_bytes.value, device.device_bytes.value
    if engine is None or engine.name != "vllm" or device.kind != "local GPU" or not free or not whole:
        return []
    asked = (needs.utilization or engine.figure("utilization")).value
    share = float(free) / float(whole)
    if asked is None or share >= float(asked):
        return []
    text = f"vLLM asks for {asked:.0%} of the GPU at start and {share:.0%} is free"
    return [Note(f"{text}: --utilization {int(100 * share) / 100} starts", "warning")]
