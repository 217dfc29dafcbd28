"""llama.cpp: a compute buffer, and embeddings that stay in the machine's RAM."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ....catalog.open_models.pasted import gguf_default
from ....catalog.open_models.quants import Quant, find_quant
from ....figures import Figure, Note, assumed, derive
from ....formulas import kv, memory, overhead
from ....messages import say
from .base import Launch, Overhead, Serving, summed_overhead

if TYPE_CHECKING:
    from ....catalog.open_models.spec import ModelSpec
    from ...devices import Device
    from ..needs import Needs

_MIB = 2**20
# The cache's types that it calls by another name than we do.
_CACHE_TYPES = {"fp16": "f16", "fp32": "f32"}


@dataclass(frozen=True, slots=True)
class LlamaCpp(Serving):
    """llama.cpp, as its start-up logs and its source show it."""

    keeps_embeddings_in_ram: ClassVar[bool] = True
    loads_tower: ClassVar[bool] = False
    keeps_layers_in_ram: ClassVar[bool] = True
    moves_experts: ClassVar[bool] = True
    shares_windows: ClassVar[bool] = True
    gives_drafts_its_kv: ClassVar[bool] = False  # they have an option of their own, pull request 10586

    @property
    def overhead_words(self) -> str:
        return say("CUDA context and compute buffer")

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:  # noqa: ARG002
        return self._overhead(needs, self.engine.figure("runtime_bytes"))

    def overhead_on_cpu(self, needs: Needs) -> Overhead:
        runtime = assumed(
            "runtime_bytes", 1024 * _MIB // 10, "bytes", say("llama.cpp itself"), low=0, high=256 * _MIB
        )
        return self._overhead(needs, runtime)

    def held(self, quant: Quant) -> Quant:
        """What is published in MXFP4 is loaded as the GGUF file of that name, whose rest is in 8 bits."""
        return find_quant("mxfp4_moe") if quant.name == "mxfp4" else quant

    def loads(self, spec: ModelSpec) -> str | None:
        """The file of a repository that `-hf` takes where none is named."""
        return None if spec.says_quant or spec.stored else gguf_default(spec.name)

    def command(self, launch: Launch) -> str:
        """llama-server's options, as its own page on several GPUs names them.

        `-ts` are proportions; written as counts they give each GPU its layers. A number of slots gives each a
        cache of its own unless `-kvu` is there, and `-c` is of all of them.
        Source: https://github.com/ggml-org/llama.cpp/blob/master/docs/multi-gpu.md.
        """
        words = [f"llama-server -m {shlex.quote(launch.gguf)}"]
        words.append(f"-c {launch.context_tokens * launch.batch_size} -np {launch.batch_size}")
        words += ["-kvu"] if launch.batch_size > 1 else []
        words.append(f"-ngl {launch.gpu_layers}")
        if len(launch.counts) > 1 and launch.gpu_layers:
            words.append(f"-ts {','.join(map(str, launch.counts))}")
        words += [f"-ncmoe {launch.n_cpu_moe}"] if launch.n_cpu_moe else []
        kv = _CACHE_TYPES.get(launch.kv or "", launch.kv)
        words += [f"-ctk {kv} -ctv {kv}"] if kv else []
        return " ".join(words)

    def _overhead(self, needs: Needs, runtime: Figure) -> Overhead:
        flash = assumed(
            "flash_attention", 1, "", say("on wherever it can be, since 2025 (flash-attn is auto)")
        )
        buffers = {
            name: derive(
                "activation_bytes",
                "bytes",
                overhead.llama_cpp_compute_bytes,
                note=say("the compute buffer"),
                vocab_size=words,
                hidden_size=spec.figure("hidden_size"),
                n_heads=spec.figure("n_heads"),
                n_ubatch=self.ubatch_figure(),
                context_tokens=needs.context_tokens,
                flash_attention=flash,
            )
            for name, spec, words in _contexts(needs)
        }
        if "draft" not in buffers:
            return summed_overhead(runtime, buffers["model"])
        note = say("the compute buffers of the model and of its draft")
        return summed_overhead(
            runtime, derive("activation_bytes", "bytes", memory.sum_bytes, note=note, **buffers)
        )

    def window_tokens(self, window_tokens: Figure) -> Figure:
        """A window and the micro-batch that moves through it."""
        return derive(
            "window_tokens",
            "tokens",
            kv.window_cells,
            sliding_window=window_tokens,
            n_ubatch=self.ubatch_figure(),
        )

    def batch_notes(self, needs: Needs) -> list[Note]:
        """Slots share a cache unless their number is given, which gives each a window of its own."""
        own = needs.cache.unshared_bytes
        if own is None or own.value is None or needs.batch_size.value == 1:
            return []
        text = say(
            "the sequences share one cache, as where llama-server is told no number of slots;"
            " with -np {n} each has its own: {mib:,.0f} MiB",
            n=needs.batch_size.value,
            mib=float(own.value) / _MIB,
        )
        return [Note(text)]


def _contexts(needs: Needs) -> Iterator[tuple[str, ModelSpec, Figure]]:
    """The models that run in a context of their own, each with its words."""
    yield "model", needs.spec, needs.words_figure()
    draft = needs.draft.model
    if draft is not None:
        yield "draft", draft, draft.figure("vocab_size")
