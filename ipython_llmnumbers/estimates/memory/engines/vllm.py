"""vLLM: takes its share of the GPU at start, whatever the model needs."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ....catalog.open_models.quants import Quant
from ....figures import Figure, Note, derive
from ....formulas import overhead
from ....messages import say
from ....records import dataclass
from .base import Launch, Overhead, Serving, engine_flag
from .unnamed import cpu_overhead

if TYPE_CHECKING:
    from ...devices import Device
    from ..needs import Needs


# The least that the parameter takes.
_LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Vllm(Serving):
    """vLLM, as its start-up logs show it."""

    lays_layers: ClassVar[bool] = False

    @property
    def overhead_words(self) -> str:
        return say("its trial run, and the share of the GPU that it leaves unused")

    def overhead_on_gpu(self, needs: Needs, device: Device) -> Overhead:
        engine = self.engine
        utilization = needs.utilization or engine.figure("utilization")
        published = device.gpu.driver_figure() if device.gpu else None
        driver = published or engine.figure("driver_bytes")
        visible = derive(
            "visible_bytes",
            "bytes",
            overhead.visible_bytes,
            device_bytes=device.device_bytes,
            driver_bytes=driver,
        )
        activation = self._activation(needs, device)
        non_torch = engine.figure("non_torch_bytes", suffix="_tp" if needs.tp > 1 else "")
        used = derive(
            "used_bytes",
            "bytes",
            overhead.used_bytes,
            device_bytes=device.device_bytes,
            free_bytes=device.free_bytes,
        )
        set_aside = engine.figure("set_aside_bytes")
        total = derive(
            "overhead_bytes",
            "bytes",
            overhead.vllm_overhead_bytes,
            utilization=utilization,
            visible_bytes=visible,
            used_bytes=used,
            driver_bytes=driver,
            activation_bytes=activation,
            non_torch_bytes=non_torch,
            graph_bytes=engine.figure("graph_bytes"),
            set_aside_bytes=set_aside,
        )
        space = derive(
            "kv_space_bytes",
            "bytes",
            overhead.kv_space_bytes,
            note=say("what vLLM leaves for the cache; below 0 it does not start"),
            utilization=utilization,
            visible_bytes=visible,
            free_bytes=device.free_bytes,
            weights_bytes=needs.weights_bytes,
            activation_bytes=activation,
            non_torch_bytes=non_torch,
            set_aside_bytes=set_aside,
        )
        return Overhead(total, total, further=(activation, space))

    def _activation(self, needs: Needs, device: Device) -> Figure:
        """The peak of its trial run, with as many tokens as it plans or is told."""
        engine = self.engine
        size = "" if engine.plans_large(device.device_bytes, device.name) else "_small"
        planned = engine.figure("batched_tokens", suffix=size)
        widths = {
            "hidden_size": needs.spec.figure("hidden_size"),
            "intermediate_size": needs.width_figure(),
        }
        activation = derive(
            "activation_bytes",
            "bytes",
            overhead.vllm_activation_bytes,
            note="",
            vocab_size=needs.words_figure(),
            logit_rows=engine.figure("logit_rows", suffix=size),
            batched_tokens=planned,
            **widths,
        )
        if self.batched_tokens is None:
            return activation
        return derive(
            "activation_bytes",
            "bytes",
            overhead.vllm_batched_activation_bytes,
            note="",
            planned_activation_bytes=activation,
            planned_tokens=replace(planned, low=planned.value, high=planned.value),
            batched_tokens=self.batched_tokens,
            **widths,
        )

    def command(self, launch: Launch) -> str:
        """`vllm serve`, by https://docs.vllm.ai/en/latest/cli/serve.html."""
        words = [f"vllm serve {shlex.quote(launch.repository)}"]
        words.append(engine_flag("max-model-len", launch.context_tokens))
        # It makes FP8 of 16 bits as it loads them; of fewer bits there must be a checkpoint.
        words += [engine_flag("quantization", "fp8")] if launch.converted == "fp8" else []
        words += [engine_flag("tensor-parallel-size", launch.tp)] if launch.tp > 1 else []
        words += [engine_flag("pipeline-parallel-size", launch.pp)] if launch.pp > 1 else []
        if launch.utilization is not None:
            words.append(engine_flag("gpu-memory-utilization", launch.utilization))
        words += [engine_flag("kv-cache-dtype", launch.kv)] if launch.kv else []
        if launch.cpu_offload_gb is not None:
            words.append(engine_flag("cpu-offload-gb", launch.cpu_offload_gb))
        return " ".join(words)

    def overhead_on_cpu(self, needs: Needs) -> Overhead:
        return cpu_overhead(needs)

    def held(self, quant: Quant) -> Quant:
        """Its kernels pad the blocks of MXFP4."""
        if quant.name != "mxfp4":
            return quant
        bits = self.engine.figure("mxfp4_bits")
        value, low, high = (float(each or 0) for each in (bits.value, bits.low, bits.high))
        return replace(quant, bits=value, low=low, high=high, source=bits.source or quant.source)

    def starts(self, needs: Needs, device: Device) -> bool:
        """Only where as much is free as the share of the GPU that it asks for."""
        share = _free_share(device)
        return share is None or share >= self._asked(needs)

    def start_changes(self, needs: Needs, device: Device) -> dict[str, float]:
        """The largest share that is free, in whole per cent."""
        share = _free_share(device)
        if share is None or share >= self._asked(needs) or share < _LEAST_SHARE:
            return {}
        return {"utilization": int(100 * share) / 100}

    def start_notes(self, needs: Needs, device: Device) -> list[Note]:
        share = _free_share(device)
        if share is None or share >= self._asked(needs):
            return []
        text = say(
            "vLLM does not start: it asks for {asked:.0%} of the GPU, and {share:.0%} is free",
            asked=self._asked(needs),
            share=share,
        )
        return [Note(text, "warning")]

    def _asked(self, needs: Needs) -> float:
        return float((needs.utilization or self.engine.figure("utilization")).value or 0)


def _free_share(device: Device) -> float | None:
    """The share of a GPU of this machine that is free; None where nobody else can hold any."""
    free, whole = device.free_bytes.value, device.device_bytes.value
    if device.kind != "local GPU" or free is None or not whole:
        return None
    return float(free) / float(whole)
