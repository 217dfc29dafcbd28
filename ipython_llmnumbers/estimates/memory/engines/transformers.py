"""transformers: PyTorch's own memory, and a prompt that is read in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ....figures import Figure, assumed, derive
from ....formulas import overhead
from ....messages import say
from ....records import dataclass
from .base import Launch, Overhead, Serving, summed_overhead
from .unnamed import cpu_overhead

if TYPE_CHECKING:
    from ...devices import Device
    from ..machine.split import Sizes
    from ..needs import Needs


@dataclass(frozen=True, slots=True)
class Transformers(Serving):
    """transformers, as the peaks of PyTorch's allocator show it."""

    expands_latents: ClassVar[bool] = True
    keeps_layers_in_ram: ClassVar[bool] = True
    reads_ram: ClassVar[bool] = True

    @property
    def overhead_words(self) -> str:
        return say("CUDA context and activations")

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:  # noqa: ARG002
        per_token = derive(
            "activation_bytes_per_token",
            "bytes/token",
            overhead.activation_bytes_per_token,
            hidden_size=needs.spec.figure("hidden_size"),
            intermediate_size=needs.width_figure(),
            prompt_share=self.engine.figure("prompt_share"),
        )
        runtime, unpacked = self.engine.figure("runtime_bytes"), _unpacked(needs)
        nothing = assumed("context_tokens", 0, "tokens", say("without a prompt"))
        nobody = assumed("batch_size", 0, "sequences", say("without a sequence"))
        whole, at_rest, alone = (
            summed_overhead(
                runtime,
                derive(
                    "activation_bytes",
                    "bytes",
                    overhead.transformers_activation_bytes,
                    activation_bytes_per_token=per_token,
                    context_tokens=tokens,
                    batch_size=batch,
                    vocab_size=needs.words_figure(),
                ),
                unpacked,
            )
            for tokens, batch in (
                (needs.context_tokens, needs.batch_size),
                (nothing, needs.batch_size),
                (nothing, nobody),
            )
        )
        rows = assumed("logit_rows", 0, "rows", say("one for each sequence"))
        return Overhead(whole.total, at_rest.total, per_token, whole.further, alone.total, rows)

    def chunk_figure(self, prompt_tokens: Figure) -> Figure:
        """All of them."""
        return prompt_tokens

    def rooms_for_layers(self, rooms: list[float], sizes: Sizes) -> list[float]:
        """accelerate keeps on the first GPU the room of what is largest, for what it loads from RAM.

        That may be the head, which comes last; tied to the embeddings it is there already.
        Source: `infer_auto_device_map` in src/accelerate/utils/modeling.py.
        """
        return [rooms[0] - sizes.largest_slot, *rooms[1:]]

    def command(self, launch: Launch) -> str | None:
        """`device_map="auto"` places the layers; `max_memory` is what it may take of each device."""
        if not launch.rooms:
            return None
        *gpus, ram = launch.rooms
        rooms = [f'{number}: "{gib}GiB"' for number, gib in enumerate(gpus)]
        rooms += [f'"cpu": "{ram}GiB"'] if ram else []
        return (
            f'AutoModelForCausalLM.from_pretrained("{launch.repository}", dtype="auto", device_map="auto",'
            f" max_memory={{{', '.join(rooms)}}})"
        )

    def overhead_on_cpu(self, needs: Needs) -> Overhead:
        return cpu_overhead(needs)


def _unpacked(needs: Needs) -> Figure | None:
    """The largest matrix in 16 bits, where bitsandbytes unpacks each before it multiplies."""
    if needs.quant.name not in {"nf4", "nf4-dq"} or needs.spec.given_params is not None:
        return None
    linear = [each for each in needs.spec.architecture.matrices if each.is_linear]
    if not linear:
        return None
    largest = max(linear, key=lambda each: each.rows * each.columns)
    return derive(
        "dequantised_bytes",
        "bytes",
        overhead.dequantised_bytes,
        note=say("bitsandbytes unpacks a matrix before it multiplies"),
        rows=needs.spec.fact("rows", largest.rows, ""),
        columns=needs.spec.fact("columns", largest.columns, ""),
    )
