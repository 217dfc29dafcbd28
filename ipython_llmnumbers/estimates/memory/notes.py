"""What is said beside the figures: what was supposed, what is not counted, what does not start."""

from __future__ import annotations

from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, Note, Verdict
from ...messages import joined, option, say
from ..devices import Device, is_size_of
from ..open_model import model_notes
from .encoders import eager_notes
from .engines import Serving
from .engines.corrections import correction_notes
from .judgement import Judgement
from .machine.stage import ram_beside, ram_verdict, read_from_ram
from .needs import Needs
from .question import Fit

_GIB = 2**30


def fit_notes(needs: Needs, device: Device, verdict: Verdict | None) -> list[Note]:
    """The notes of one device, in the order in which they are read."""
    notes = [*_model_notes(needs), *eager_notes(needs), *correction_notes(needs, device)]
    notes += [*needs.served_by.batch_notes(needs), *needs.served_by.start_notes(needs, device)]
    if verdict == "tight":
        notes.append(Note(needs.served_by.tight_note(), "warning"))
    return notes


def ram_notes(judged: Judgement, request: Fit, device: Device) -> list[Note]:
    """What becomes of the RAM beside a GPU, where no layers run in it."""
    if not device.is_gpu:
        return []
    if request.cpu_offload_gb is not None:
        return _of_weights_in_ram(judged.needs, request, device)
    if request.ram is None:
        return []
    asked, engine = option("ram", request.ram), judged.needs.served_by
    if device.is_unified:
        if is_size_of(request.ram, device):
            return []
        text = say("{gpu} shares the machine's memory: {asked} is left out", gpu=device.name, asked=asked)
        return [Note(text, "warning")]
    if not engine.keeps_layers_in_ram:
        return [Note(ram_left_out(engine, request.ram), "warning")]
    return []


def _of_weights_in_ram(needs: Needs, request: Fit, device: Device) -> list[Note]:
    """Whether the RAM has room for what the GPUs read from it."""
    free, held = ram_beside(request, device).free_bytes.value, read_from_ram(needs, request)
    least, most = (float(end or 0) / _GIB for end in (held.low, held.high))
    if free is None:
        return [Note(ram_not_judged(most))]
    judged, gib = ram_verdict(needs, request, device), float(free) / _GIB
    if judged == "fits":
        return []
    text = say(
        "{gib:,.1f} GiB of RAM are too few for the weights that the GPUs read from there: {least:,.1f} GiB",
        gib=gib,
        least=least,
    )
    if judged == "tight":
        text = say(
            "{gib:,.1f} GiB of RAM may be too few for the weights that the GPUs read from there: pinned, they"
            " take {least:,.1f} to {most:,.1f} GiB",
            gib=gib,
            least=least,
            most=most,
        )
    return [Note(text, "warning")]


def ram_not_judged(gib: float) -> str:
    """That nobody says how much RAM there is."""
    return say(
        "the RAM is not judged: {gib:,.1f} GiB must be free there; {option:ram=64GB} says how much", gib=gib
    )


def ram_left_out(engine: Serving, ram: str) -> str:
    """Why RAM beside a GPU does not count."""
    text = say(
        "{engine} runs no layers in RAM: {asked} is left out",
        engine=engine.engine.title,
        asked=option("ram", ram),
    )
    if "cpu_offload_gb" not in engine.engine.takes:
        return text
    return joined("; ", text, say("with {option:cpu_offload_gb} its GPUs read weights from there"))


def _model_notes(needs: Needs) -> list[Note]:
    spec, context = needs.spec, needs.context_tokens.value
    notes = model_notes(spec)
    if spec.given_params is not None and not spec.knows_only_params:
        text = say(
            "{size} is a size, not a model: what a token keeps is taken from {model}",
            size=spec.name,
            model=spec.name_of_shape,
        )
        notes.append(Note(text))
    if context is not None:
        notes += too_long(spec, int(context))
    notes += [*loaded_as(needs), *engine_s_context(needs.context_tokens)]
    if needs.draft.has_weights_of_its_own:
        text = say("the draft's own weights are not counted: they depend on the draft")
        notes.append(Note(text, "warning"))
    if not spec.architecture.knows_cache:
        text = say("{reason}: what a token keeps is unknown", reason=spec.why_unknown)
        notes.append(Note(text, "warning"))
    notes += [Note(text) for text in _tower_words(needs)]
    for part in spec.architecture.uncounted:
        text = say("{model}: {part} is not counted; its weights come on top", model=spec.name, part=part)
        notes.append(Note(text, "warning"))
    return notes


def loaded_as(needs: Needs) -> list[Note]:
    """Which file the engine takes, where nobody says."""
    if not needs.quant_is_the_engine_s:
        return []
    text = say(
        "{engine} loads {quant} unless told otherwise; {option:quant} takes another",
        engine=needs.served_by.engine.title,
        quant=needs.quant.name,
    )
    return [Note(text)]


def engine_s_context(context_tokens: Figure) -> list[Note]:
    """Which context the engine takes, where nobody says and it has a rule of its own."""
    is_its_own = context_tokens.origin == "assumed" and context_tokens.source is not None
    return [Note(context_tokens.note)] if is_its_own else []


def _tower_words(needs: Needs) -> list[str]:
    match needs.tower:
        case "loaded" if not needs.served_by.can_leave_tower:
            engine = needs.served_by.engine.title
            return [say("the weights hold the tower that sees, as the files of {engine} do", engine=engine)]
        case "loaded":
            return [say("the weights hold the tower that sees; {option:text_only=True} leaves it out")]
        case "another file":
            engine = needs.served_by.engine.title
            return [say("the tower that sees is a file of its own for {engine}: not counted", engine=engine)]
        case _:
            return []


def too_long(spec: ModelSpec, tokens: int) -> list[Note]:
    """A warning where a sequence is longer than the model was made for."""
    longest = spec.max_context_tokens
    if longest is None or tokens <= longest:
        return []
    text = say(
        "{n:,} tokens are more than the {longest:,} that {model} was made for",
        n=tokens,
        longest=longest,
        model=spec.name,
    )
    return [Note(text, "warning")]
