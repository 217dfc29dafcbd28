"""What we and other calculators are asked: caches by their sum, and measured cases of `gpu_cases`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ipython_llmnumbers.catalog.open_models.architectures.config import Config
from ipython_llmnumbers.catalog.toml_tables import read_table

TOKENS = 32 * 1024


def config_of(model: str, table: str, architecture: str) -> dict[str, Any]:
    """The config.json of a model of our tables, with its layers one by one as in the checkpoint."""
    rows = read_table(f"open_models/checkpoints/{table}.toml")["models"]
    fields = dict(next(row for row in rows if row["name"] == model)["config"])
    for part in (fields, fields.get("text_config", {})):
        if "layer_types" in part:
            part = fields if part is fields else fields.setdefault("text_config", dict(part))
            part["layer_types"] = Config(part, model).words("layer_types")
    return {"architectures": [architecture], "torch_dtype": "bfloat16", **fields}


@dataclass(frozen=True, slots=True)
class Cache:
    """A model of a table of checkpoints, and its cache in bytes as a sum of products."""

    model: str
    table: str
    architecture: str
    llmfit: str
    terms: tuple[tuple[int, ...], ...]
    of: str

    @property
    def correct_bytes(self) -> int:
        """What the engines that know the architecture keep, in 16 bits."""
        return sum(math.prod(term) for term in self.terms)

    @property
    def formula(self) -> str:
        """The sum, written out."""
        return " + ".join(" × ".join(f"{factor:,}" for factor in term) for term in self.terms)

    @property
    def config(self) -> dict[str, Any]:
        """What each calculator reads."""
        return config_of(self.model, self.table, self.architecture)


CACHES = (
    Cache(
        "Llama-3.1-8B",
        "llama",
        "LlamaForCausalLM",
        "meta-llama/Llama-3.1-8B-Instruct",
        ((32, 2, 8, 128, 2, TOKENS),),
        "layers × K and V × heads × width × bytes × tokens",
    ),
    Cache(
        "Qwen3-30B-A3B",
        "qwen3",
        "Qwen3MoeForCausalLM",
        "Qwen/Qwen3-30B-A3B",
        ((48, 2, 4, 128, 2, TOKENS),),
        "the same",
    ),
    Cache(
        "DeepSeek-V3",
        "deepseek",
        "DeepseekV3ForCausalLM",
        "deepseek-ai/DeepSeek-V3",
        ((61, 512 + 64, 2, TOKENS),),
        "layers × (latent 512 + rotary key 64) × bytes × tokens",
    ),
    Cache(
        "gpt-oss-20b",
        "moe",
        "GptOssForCausalLM",
        "openai/gpt-oss-20b",
        ((12, 2, 8, 64, 2, TOKENS), (12, 2, 8, 64, 2, 128)),
        "12 layers see all tokens, 12 the last 128",
    ),
    Cache(
        "Gemma-3-27B",
        "google",
        "Gemma3ForConditionalGeneration",
        "google/gemma-3-27b-it",
        ((10, 2, 16, 128, 2, TOKENS), (52, 2, 16, 128, 2, 1024)),
        "10 layers see all tokens, 52 the last 1,024",
    ),
    Cache(
        "Jamba-1.5-Mini",
        "hybrid",
        "JambaForCausalLM",
        "ai21labs/AI21-Jamba-Mini-1.5",
        ((4, 2, 8, 128, 2, TOKENS), (28, 8192, 16, 4), (28, 8192, 3, 2)),
        "4 layers of attention, 28 with a Mamba state in 32 bits and a convolution's tail in 16",
    ),
    Cache(
        "Qwen3.5-35B-A3B",
        "qwen3_5",
        "Qwen3_5MoeForConditionalGeneration",
        "Qwen/Qwen3.5-35B-A3B",
        ((10, 2, 2, 256, 2, TOKENS), (30, 32, 128, 128, 4), (30, 8192, 3, 2)),
        "10 layers of attention, 30 with a state of 32 heads in 32 bits and a convolution's tail in 16",
    ),
)


@dataclass(frozen=True, slots=True)
class File:
    """A measured size of weights: its case, the name in llmfit and the quantisation as llmfit takes it."""

    case: str
    llmfit: str
    quant: str


FILES = (
    File("w_llama31_70b", "meta-llama/Llama-3.1-70B-Instruct", "BF16"),
    File("w_mixtral_8x7b", "mistralai/Mixtral-8x7B-Instruct-v0.1", "BF16"),
    File("w_qwen3_30b_a3b", "Qwen/Qwen3-30B-A3B", "BF16"),
    File("w_dsv3_files", "deepseek-ai/DeepSeek-V3", "FP8"),
    File("w_gptoss_20b", "openai/gpt-oss-20b", "MXFP4"),
    File("gg_llama31_8b_q4_k_m", "meta-llama/Llama-3.1-8B-Instruct", "Q4_K_M"),
    File("gg_llama31_8b_q6_k", "meta-llama/Llama-3.1-8B-Instruct", "Q6_K"),
    File("gg_llama31_8b_q8_0", "meta-llama/Llama-3.1-8B-Instruct", "Q8_0"),
    File("gg_llama31_70b_q4km", "meta-llama/Llama-3.1-70B-Instruct", "Q4_K_M"),
)


@dataclass(frozen=True, slots=True)
class Training:
    """A measured peak of training: its case, and the model and method as hf-vram-calc takes them."""

    case: str
    model: str
    table: str
    column: str
    tokens: int
    batch: int
    rank: int = 8


TRAININGS = (
    Training("lg_ft_7b_lora", "Llama-2-7B", "llama", "lora_size_gib", 1304, 1),
    Training("lg_ft_7b_lora_mb2", "Llama-2-7B", "llama", "lora_size_gib", 1304, 2),
    Training("tt_lora_4090", "Llama-3.1-8B", "llama", "lora_size_gib", 2048, 2),
    Training("tt3b_baseline", "Llama-3.2-3B", "llama", "training_gib", 512, 2),
)

# Names in llmfit of the models whose decoding speed was measured, by the case's own name of the model.
SPEEDS = {
    "Qwen3.5-0.8B": "Qwen/Qwen3.5-0.8B",
    "Qwen3.5-2B": "Qwen/Qwen3.5-2B",
    "NVIDIA-Nemotron-3-Nano-30B-A3B": "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16",
    "Qwen3.5-122B-A10B": "Qwen/Qwen3.5-122B-A10B",
    "Qwen3.6-27B": "Qwen/Qwen3.6-27B",
    "gemma-4-31B-it": "google/gemma-4-31B-it",
    "gemma-2-2b-it": "google/gemma-2-2b-it",
    "Llama-3.2-3B-Instruct": "meta-llama/Llama-3.2-3B-Instruct",
    "Phi-3.5-mini-instruct": "microsoft/Phi-3.5-mini-instruct",
    "Qwen3-4B": "Qwen/Qwen3-4B",
    "Mistral-7B-Instruct-v0.3": "mistralai/Mistral-7B-Instruct-v0.3",
    "Llama-3.2-1B-Instruct": "meta-llama/Llama-3.2-1B-Instruct",
    "Qwen3-1.7B": "Qwen/Qwen3-1.7B",
    "gemma-3-4b-it": "google/gemma-3-4b-it",
    "Qwen2.5-7B-Instruct": "Qwen/Qwen2.5-7B-Instruct",
    "Meta-Llama-3.1-8B-Instruct": "meta-llama/Llama-3.1-8B-Instruct",
    "Qwen3-8B": "Qwen/Qwen3-8B",
    "gemma-3-12b-it": "google/gemma-3-12b-it",
    "Qwen2.5-14B-Instruct": "Qwen/Qwen2.5-14B-Instruct",
    "Qwen3-14B": "Qwen/Qwen3-14B",
    "phi-4": "microsoft/phi-4",
}
