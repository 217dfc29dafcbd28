"""Room for LoRA adapters, which engines that serve them set aside at start."""

from __future__ import annotations

from ...catalog.open_models.architectures import Matrix
from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, assumed, derive, given
from ...formulas import memory
from ...messages import option, say
from ..parameters import one_unless_given
from .engines import Serving
from .question import Fit

# Of these tensor parallelism divides what comes in; of all others what they give.
_DIVIDED_INPUT = ("attn_output", "ffn_down", "ssm_out")


def adapters_figure(spec: ModelSpec, request: Fit, served_by: Serving) -> Figure | None:
    """Bytes on one GPU for as many adapters of the greatest rank as are asked for; None without any."""
    if request.max_loras is None and request.max_lora_rank is None:
        return None
    linear = [each for each in spec.architecture.matrices if each.is_linear and not each.draft]
    whole, divided = _widths(linear)
    vocab = 2 * (spec.architecture.vocab_size + spec.architecture.hidden_size)
    note = say("some models have room for adapters of embeddings and head too")
    return derive(
        "lora_bytes",
        "bytes",
        memory.served_adapters_bytes,
        max_loras=_asked("max_loras", request.max_loras, "", served_by),
        max_lora_rank=_asked("max_lora_rank", request.max_lora_rank, "", served_by),
        whole_width=spec.fact("whole_width", whole, "", say("what linear layers take in")),
        divided_width=spec.fact("divided_width", divided, "", say("what linear layers give")),
        vocab_width=assumed("vocab_width", 0, "", note, low=0, high=vocab),
        tp=one_unless_given("tp", request.tp, "GPUs"),
    )


def _asked(name: str, value: int | None, unit: str, served_by: Serving) -> Figure:
    if value is None:
        return served_by.engine.figure(name)
    return given(name, value, unit, option(name, value))


def _widths(linear: list[Matrix]) -> tuple[int, int]:
    """One side of every linear matrix, which each GPU has whole, and the other, which is divided.

    The sum is what one unit of rank takes: 2,621,440 numbers of Llama 3.1 8B.
    """
    whole = divided = 0
    for each in linear:
        sides = (each.rows, each.columns)
        kept, shared = sides if each.role.startswith(_DIVIDED_INPUT) else sides[::-1]
        whole += kept * each.count
        divided += shared * each.count
    return whole, divided
