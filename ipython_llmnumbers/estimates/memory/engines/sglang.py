"""SGLang: the cache gets what the weights leave of a share; the rest is for graphs and activations."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar

from ....figures import Figure, Note, assumed, derive
from ....formulas import overhead
from ....messages import option, say
from ....records import dataclass
from ...parameters import one_unless_given
from .base import Launch, Overhead, Serving, engine_flag
from .unnamed import cpu_overhead

if TYPE_CHECKING:
    from ....catalog.open_models.spec import ModelSpec
    from ...devices import Device
    from ..needs import Needs

# From so many GPUs on its graphs hold more sequences.
_MANY_GPUS = 4


@dataclass(frozen=True, slots=True)
class Sglang(Serving):
    """SGLang, as its start-up logs and its source show it."""

    lays_layers: ClassVar[bool] = False

    @property
    def overhead_words(self) -> str:
        return say("CUDA context, and what it leaves free for graphs and activations")

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:
        runtime = self.engine.figure("runtime_bytes", suffix="_tp" if needs.tp > 1 else "")
        shared = {
            "utilization": self._utilization(needs, device),
            "free_bytes": device.free_bytes,
            "runtime_bytes": runtime,
        }
        total = derive("overhead_bytes", "bytes", overhead.sglang_overhead_bytes, note="", **shared)
        space = derive(
            "kv_space_bytes",
            "bytes",
            overhead.sglang_kv_space_bytes,
            note=say("what SGLang leaves for the cache; below 0 it does not start"),
            **shared,
            weights_bytes=needs.weights_bytes,
        )
        return Overhead(total, total, further=(space,))

    def command(self, launch: Launch) -> str:
        """Its launcher, by https://docs.sglang.ai/advanced_features/server_arguments.html."""
        repository = engine_flag("model-path", shlex.quote(launch.repository))
        words = [f"python -m sglang.launch_server {repository}"]
        words.append(engine_flag("context-length", launch.context_tokens))
        words += [engine_flag("quantization", "fp8")] if launch.converted == "fp8" else []
        words += [engine_flag("tp-size", launch.tp)] if launch.tp > 1 else []
        words += [engine_flag("pp-size", launch.pp)] if launch.pp > 1 else []
        if launch.utilization is not None:
            words.append(engine_flag("mem-fraction-static", launch.utilization))
        return " ".join(words)

    def overhead_on_cpu(self, needs: Needs) -> Overhead:
        return cpu_overhead(needs)

    def window_share(self, spec: ModelSpec) -> Figure | None:
        if spec.architecture.model_type in self.engine.window_pools:
            return self.engine.figure("window_share")
        note = say("SGLang keeps every token of these layers too")
        return assumed("window_share", 1, "", note, source=self.engine.figure("window_share").source)

    def start_notes(self, needs: Needs, device: Device) -> list[Note]:
        return [*self._states_note(needs), *self._graphs_note(needs, device)]

    def _states_note(self, needs: Needs) -> list[Note]:
        """States and tokens have a pool each, whatever a request needs of the two."""
        kinds = {cache.kind for cache in needs.spec.architecture.caches}
        if not ("state" in kinds and kinds & {"full", "latent"}):
            return []
        ratio = float(self.engine.figure("state_share").value or 0)
        text = say(
            "SGLang gives {share:.0%} of the space for the cache to states, however few sequences there are;"
            " mamba-full-memory-ratio changes that",
            share=ratio / (1 + ratio),
        )
        return [Note(text, "warning")]

    def _graphs_note(self, needs: Needs, device: Device) -> list[Note]:
        """A share of one's own may leave too little for the graphs (sglang issue 35777)."""
        if needs.utilization is None or "utilization" in self.engine.rows:
            return []
        own, asked = self._own_utilization(needs, device), needs.utilization.value
        if own.value is None or asked is None or asked <= own.value:
            return []
        text = say(
            "{option} leaves less for graphs and activations than SGLang plans here ({share:.3g}):"
            " it may start, and run out of memory later",
            option=option("utilization", asked),
            share=own.value,
        )
        return [Note(text, "warning")]

    def _utilization(self, needs: Needs, device: Device) -> Figure:
        if needs.utilization is not None:
            return needs.utilization
        if "utilization" in self.engine.rows:  # a version that had a table
            return self.engine.figure("utilization")
        return self._own_utilization(needs, device)

    def _own_utilization(self, needs: Needs, device: Device) -> Figure:
        """Its `mem_fraction_static` where none is given."""
        engine, size = self.engine, self.engine.size(device.device_bytes)
        sequences = size["graph_sequences"][needs.tp >= _MANY_GPUS]
        batched = self.batched_tokens or engine.size_figure(
            "batched_tokens", size["batched_tokens"], "tokens", device.device_bytes
        )
        reserved = derive(
            "reserved_bytes",
            "bytes",
            overhead.sglang_reserved_bytes,
            device_bytes=device.device_bytes,
            batched_tokens=batched,
            graph_sequences=engine.size_figure(
                "graph_sequences", sequences, "sequences", device.device_bytes
            ),
            prefill_graph_bytes=self._prefill_graphs(needs, batched),
            tp=one_unless_given("tp", needs.tp, "GPUs"),
        )
        no_tower = assumed("tower_share", 1, "", say("no tower is loaded"))
        return derive(
            "utilization",
            "",
            overhead.sglang_utilization,
            note=say("mem_fraction_static by its own rule; {option:utilization} takes another"),
            device_bytes=device.device_bytes,
            reserved_bytes=reserved,
            tower_share=engine.figure("tower_share") if needs.tower == "loaded" else no_tower,
        )

    def _prefill_graphs(self, needs: Needs, batched: Figure) -> Figure:
        if needs.tower == "loaded":
            note = say("the reading of prompts is not captured for a model that takes pictures")
            return assumed("prefill_graph_bytes", 0, "bytes", note)
        if any(cache.kind == "latent" for cache in needs.spec.architecture.caches):
            return self.engine.figure("prefill_graph_bytes", suffix="_latent")
        return derive(
            "prefill_graph_bytes",
            "bytes",
            overhead.prefill_graph_bytes,
            batched_tokens=batched,
            graph_bytes=self.engine.figure("graph_bytes"),
        )
