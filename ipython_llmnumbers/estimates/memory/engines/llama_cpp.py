"""llama.cpp: a compute buffer, and embeddings that stay in the machine's RAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ....catalog.open_models.quants import Quant, find_quant
from ....figures import Figure, assumed, derive
from ....formulas import kv, overhead
from ....messages import say
from .base import Overhead, Serving, summed_overhead

if TYPE_CHECKING:
    from ...devices import Device
    from ..needs import Needs

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class LlamaCpp(Serving):
    """llama.cpp, as its start-up logs and its source show it."""

    keeps_embeddings_in_ram: ClassVar[bool] = True

    @property
    def overhead_words(self) -> str:
        return say("CUDA context and compute buffer")

    def held(self, quant: Quant) -> Quant:
        """A GGUF file of a model in MXFP4 has the experts in it, and the rest in Q8_0."""
        return find_quant("mxfp4_moe") if quant.name == "mxfp4" else quant

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:  # noqa: ARG002
        return self._overhead(needs, self.engine.figure("runtime_bytes"))

    def overhead_on_cpu(self, needs: Needs) -> Overhead:
        runtime = assumed(
            "runtime_bytes", 1024 * _MIB // 10, "bytes", say("llama.cpp itself"), low=0, high=256 * _MIB
        )
        return self._overhead(needs, runtime)

    def _overhead(self, needs: Needs, runtime: Figure) -> Overhead:
        flash = assumed(
            "flash_attention", 1, "", say("on wherever it can be, since 2025 (flash-attn is auto)")
        )
        activation = derive(
            "activation_bytes",
            "bytes",
            overhead.llama_cpp_compute_bytes,
            note=say("the compute buffer"),
            vocab_size=needs.spec.figure("vocab_size"),
            hidden_size=needs.spec.figure("hidden_size"),
            n_heads=needs.spec.figure("n_heads"),
            n_ubatch=self.engine.figure("n_ubatch"),
            context_tokens=needs.context_tokens,
            flash_attention=flash,
        )
        return summed_overhead(runtime, activation)

    def window_tokens(self, window_tokens: Figure) -> Figure:
        """A window and the micro-batch that moves through it."""
        batch = self.engine.figure("n_ubatch")
        return derive(
            "window_tokens", "tokens", kv.window_cells, sliding_window=window_tokens, n_ubatch=batch
        )
