"""llama.cpp: a compute buffer, and embeddings that stay in the machine's RAM."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ....catalog.open_models.pasted import gguf_default
from ....catalog.open_models.quants import Quant, find_quant
from ....figures import Figure, Note, assumed, derive
from ....formulas import kv, memory, overhead
from ....messages import say
from ....records import dataclass
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
    shares_windows: ClassVar[bool] = True
    gives_drafts_its_kv: ClassVar[bool] = False  # they have an option of their own, pull request 10586

    @property
    def moves_experts(self) -> bool:
        return True

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

    def command(self, launch: Launch) -> str | None:
        """llama-server's options, as its own page on several GPUs names them.

        Weights and cache are divided in its mode `tensor`, which takes no cache in fewer than 16 bits. `-ts`
        are proportions; written as counts they give each GPU its layers. A number of slots gives each a cache
        of its own unless `-kvu` is there, and `-c` is of all of them.
        Source: https://github.com/ggml-org/llama.cpp/blob/master/docs/multi-gpu.md.
        """
        kv = _CACHE_TYPES.get(launch.kv or "", launch.kv)
        if launch.tp > 1 and kv not in {None, "f16", "bf16", "f32"}:
            return None
        words = [f"llama-server -m {shlex.quote(launch.gguf)}"]
        words.append(f"-c {launch.context_tokens * launch.batch_size} -np {launch.batch_size}")
        words += ["-kvu"] if launch.batch_size > 1 else []
        words.append(f"-ngl {'all' if launch.gpu_layers is None else launch.gpu_layers}")
        words += ["-sm tensor"] if launch.tp > 1 else []
        if len(launch.counts) > 1 and launch.gpu_layers:
            words.append(f"-ts {','.join(map(str, launch.counts))}")
        words += [f"-ncmoe {launch.n_cpu_moe}"] if launch.n_cpu_moe else []
        words += [f"-ctk {kv} -ctv {kv}"] if kv else []
        return " ".join(words)

    def _overhead(self, needs: Needs, runtime: Figure) -> Overhead:
        held = derive(
            "held_tokens",
            "tokens",
            overhead.held_tokens,
            note=say("of all sequences"),
            context_tokens=needs.context_tokens,
            batch_size=needs.batch_size,
        )
        whole = summed_overhead(runtime, self._compute(needs, held))
        flash = self.engine.figure("flash_attention")
        if flash.low == flash.high == 1:
            return whole
        nothing = assumed("held_tokens", 0, "tokens", say("without a sequence"))
        at_rest = summed_overhead(runtime, self._compute(needs, nothing))
        per_token = {
            name: derive(
                "activation_bytes_per_token",
                "bytes/token",
                overhead.scores_bytes_per_token,
                n_heads=spec.figure("n_heads"),
                n_ubatch=self.ubatch_figure(),
                flash_attention=flash,
            )
            for name, spec, _ in _contexts(needs)
        }
        return replace(whole, at_rest=at_rest.total, per_token=_of_both("bytes/token", per_token))

    def _compute(self, needs: Needs, held_tokens: Figure) -> Figure:
        """The compute buffer with so many tokens in the cache; of a draft too."""
        return _of_both(
            "bytes",
            {
                name: derive(
                    "activation_bytes",
                    "bytes",
                    overhead.llama_cpp_compute_bytes,
                    note=say("the compute buffer"),
                    vocab_size=words,
                    hidden_size=spec.figure("hidden_size"),
                    n_heads=spec.figure("n_heads"),
                    n_ubatch=self.ubatch_figure(),
                    context_tokens=held_tokens,
                    flash_attention=self.engine.figure("flash_attention"),
                )
                for name, spec, words in _contexts(needs)
            },
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


def _of_both(unit: str, buffers: dict[str, Figure]) -> Figure:
    """That of the model, with that of its draft where there is one."""
    if "draft" not in buffers:
        return buffers["model"]
    note = say("the compute buffers of the model and of its draft")
    return derive(buffers["model"].name, unit, memory.sum_bytes, note=note, **buffers)


def _contexts(needs: Needs) -> Iterator[tuple[str, ModelSpec, Figure]]:
    """The models that run in a context of their own, each with its words."""
    yield "model", needs.spec, needs.words_figure()
    draft = needs.draft.model
    if draft is not None:
        yield "draft", draft, draft.figure("vocab_size")
