"""Ollama: llama.cpp inside, which fits a model by itself; it is told no more than a number of layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ....catalog.open_models.pasted import ollama_quant, ollama_tag
from ....catalog.open_models.quants import Quant
from ....figures import Figure, derive, given
from ....formulas import memory
from ....messages import say
from ....records import dataclass
from .base import Launch, Overhead
from .llama_cpp import LlamaCpp

if TYPE_CHECKING:
    from ....catalog.open_models.spec import ModelSpec
    from ...devices import Device
    from ..machine.split import Sizes
    from ..needs import Needs


@dataclass(frozen=True, slots=True)
class Ollama(LlamaCpp):
    """Ollama, as its memory estimate in llm/memory.go and its logs show it."""

    loads_tower: ClassVar[bool] = True  # its files hold the tower too
    can_leave_tower: ClassVar[bool] = False

    @property
    def moves_experts(self) -> bool:
        """By itself, since its server is llama.cpp's."""
        return not self._spare_layers

    @property
    def _spare_layers(self) -> float:
        return float(self.engine.figure("spare_layers").value or 0)

    @property
    def overhead_words(self) -> str:
        return say("CUDA context, compute buffer, and what Ollama keeps free")

    def default_context(self, memory_bytes: float) -> Figure:
        """By the memory of all GPUs, since 0.15.5."""
        whole = given("memory_bytes", memory_bytes, "bytes", "")
        usual = self.engine.size(whole)
        note = say(
            "{engine} takes {tokens:,} tokens by itself on {gib:,.1f} GiB of GPU memory",
            engine=self.engine.title,
            tokens=usual["context_tokens"],
            gib=memory_bytes / 2**30,
        )
        return self.engine.size_figure("context_tokens", usual["context_tokens"], "tokens", whole, note)

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:
        own = LlamaCpp.overhead_on_gpu(self, needs, device)
        more = {"reserve": self.engine.figure("reserved_bytes")}
        if needs.tower == "loaded":
            more["tower"] = self.engine.figure("tower_graph_bytes")
        total, at_rest = (
            derive("overhead_bytes", "bytes", memory.sum_bytes, note="", engine=each, **more)
            for each in (own.total, own.at_rest)
        )
        return replace(own, total=total, at_rest=at_rest)

    def held(self, quant: Quant) -> Quant:
        """As it is published: it reads MXFP4 beside 16 bits, and pads no blocks."""
        return replace(quant, low=quant.bits, high=quant.bits) if quant.name == "mxfp4" else quant

    def loads(self, spec: ModelSpec) -> str | None:
        """The file behind the tag of its library."""
        return None if spec.says_quant or spec.stored else ollama_quant(spec.name)

    def rooms_for_layers(self, rooms: list[float], sizes: Sizes) -> list[float]:
        """Before 0.30 a GPU took layers where two had room, and kept that of one free.

        Source: `EstimateGPULayers` in llm/memory.go; ollama issues 9181 and 8430 have its logs.
        """
        spare = sizes.largest * self._spare_layers
        return [room - spare if room >= 2 * spare else 0.0 for room in rooms]

    def command(self, launch: Launch) -> str | None:
        """What to say in its prompt; a server's request has the same names among its `options`.

        It divides no model. Where its library's name of a model is not known, nothing is said of that.

        Source: https://docs.ollama.com/modelfile.
        """
        if launch.gpu_layers is None:
            return None
        tag = launch.asked if ":" in launch.asked else ollama_tag(launch.model, launch.quant)
        words = [f"ollama run {tag}"] if tag else []
        words.append(f"/set parameter num_ctx {launch.context_tokens}")
        # A number of layers takes experts with them; without one it lays experts into RAM by itself.
        words += [] if launch.n_cpu_moe else [f"/set parameter num_gpu {launch.gpu_layers}"]
        return "; ".join(words)
