"""`%gpufit`: does a model fit a GPU?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import say, shorten
from .common_options import CURRENCY, RATE
from .gpufit_options import OPTIONS, other_question
from .magic import Call, Magic
from .option_values import fraction, whole_number
from .options import Option

if TYPE_CHECKING:
    from ..figures import Estimate


def _answer(call: Call) -> Estimate:
    """Weights + KV cache + overhead of a model against the free memory of a GPU.

    MODEL is a model's name (`llama-3.1-8b`), a size (`13B`), or a path to a model's folder,
    config.json, .gguf or .safetensors file, of which only the header is read. Without --gpu the
    local driver is asked; where there is none, common GPUs and this machine's RAM are shown.
    With --train the memory of training is judged, --tokens prices it, --speed says how fast it runs.
    """
    from ..estimates.currency import with_currency
    from ..estimates.memory.estimate import estimate_fit
    from ..estimates.open_model import resolve_model

    words, variable = call.options.rest, call.options.get("var")
    if variable and words:
        raise UsageError(
            "-v {variable} and a model {model}: give one of them", variable=variable, model=shorten(words)
        )
    if not variable and not words:
        raise UsageError("%gpufit needs a model: a name such as llama-3.1-8b, or a size such as 13B")
    model = call.variable("-v", variable) if variable else words
    spec = resolve_model(model, hub=call.options.get("hub", False), variable=variable or "model")
    estimate = other_question(call, spec) or estimate_fit(
        spec,
        quant=call.options.get("quant"),
        context_tokens=call.options.get("context"),
        batch_size=call.options.get("batch", 1),
        gpu=call.options.get("gpu"),
        engine=call.options.get("engine"),
        kv=call.options.get("kv"),
        tp=call.options.get("tp", 1),
        utilization=call.options.get("utilization"),
        draft_layers=call.options.get("draft_layers", 0),
    )
    return with_currency(estimate, call.currency)


def _models() -> list[str]:
    from ..catalog.open_models.find import known_models

    return known_models()


def _quants() -> Iterable[str]:
    from ..catalog.open_models.quants import known_quants

    return known_quants()


def _engines() -> Iterable[str]:
    from ..catalog.hardware.engines import known_engines

    return known_engines()


def _kv_types() -> Iterable[str]:
    from ..catalog.open_models.quants import known_kv_types

    return known_kv_types()


def _gpus() -> Iterable[str]:
    from ..catalog.hardware.gpus import known_gpus

    return known_gpus()


MAGIC = Magic(
    "gpufit",
    "line",
    "MODEL",
    (
        Option(
            ("-q", "--quant"),
            say("data type or quantisation of the weights; default: the model's own"),
            "QUANT",
            known=_quants,
        ),
        Option(
            ("-c", "--context"),
            say("tokens kept per sequence, prompt and answer together"),
            "TOKENS",
            whole_number,
        ),
        Option(("-b", "--batch"), say("sequences held at once; default: 1"), "N", whole_number),
        Option(("-g", "--gpu"), say("a GPU by name instead of the local one"), "GPU", known=_gpus),
        Option(
            ("-e", "--engine"),
            say("what serves it: sets the overhead; without it the range of all engines is shown"),
            "ENGINE",
            known=_engines,
        ),
        Option(("--kv",), say("data type of the KV cache; default: 16 bits"), "TYPE", known=_kv_types),
        Option(("--tp",), say("GPUs that share it (tensor parallel); default: 1"), "N", whole_number),
        Option(
            ("--utilization",),
            say("share of the GPU that vLLM takes; default: its own, 0.92"),
            "SHARE",
            fraction,
        ),
        Option(
            ("--draft-layers",), say("layers of a speculative draft that keep tokens too"), "N", whole_number
        ),
        Option(
            ("-v", "--var"), say("take the model from a variable: a torch module, a config, a name"), "NAME"
        ),
        Option(
            ("--hub",),
            say("fetch the config.json of a repository from the Hugging Face Hub"),
            effect="instead",
        ),
        *OPTIONS,
        CURRENCY,
        RATE,
    ),
    _answer,
    known_words=_models,
)
