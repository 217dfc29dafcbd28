"""What a checkpoint says of itself is obeyed: groups, kept modules, windows, towers, the loaded file."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_checkpoint import write_safetensors

from ipython_llmnumbers import gpu_fit, gpu_speed
from ipython_llmnumbers.catalog.open_models.architectures import read_config
from ipython_llmnumbers.catalog.open_models.architectures.module_names import read_names
from ipython_llmnumbers.errors import CatalogError

GIB = 2**30
LLAMA_8B: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14_336,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128_256,
    "max_position_embeddings": 131_072,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
# Of its 8,030,261,248 parameters: attention, networks, embeddings and head; the rest are norms.
ATTENTION, NETWORKS, WORDS = 1_342_177_280, 5_637_144_576, 1_050_673_152
NORMS = 8_030_261_248 - ATTENTION - NETWORKS - WORDS
COMPRESSED = {"quant_method": "compressed-tensors", "format": "float-quantized"}


def weights(folder: Path, stored: dict[str, Any], config: dict[str, Any] = LLAMA_8B, **options: Any) -> int:
    (folder / "config.json").write_text(json.dumps({**config, "quantization_config": stored}))
    found = gpu_fit(str(folder), gpu="H200", **options)["weights_bytes"].value
    assert isinstance(found, int)
    return found


def group(bits: int, kind: str, targets: list[str] | None = None, **more: Any) -> dict[str, Any]:
    return {"targets": targets or ["Linear"], "weights": {"num_bits": bits, "type": kind, **more}}


# The documentation of transformers (FbgemmFp8Config, FineGrainedFP8Config) and of compressed-tensors: what is
# listed is not converted; `ignore` takes names and patterns.
KEEPING = [
    {
        "quant_method": "fbgemm_fp8",
        "modules_to_not_convert": ["lm_head", *(f"model.layers.{n}.self_attn" for n in range(32))],
    },
    {"quant_method": "fp8", "modules_to_not_convert": ["lm_head", "self_attn"]},
    {"quant_method": "fp8", "ignored_layers": [f"model.layers.{n}.self_attn" for n in range(32)]},
    {"quant_method": "modelopt", "quant_algo": "FP8", "exclude_modules": ["lm_head", "*self_attn*"]},
    {
        **COMPRESSED,
        "config_groups": {"group_0": group(8, "float")},
        "ignore": ["lm_head", "re:.*self_attn.*"],
    },
    {
        **COMPRESSED,
        "config_groups": {"group_0": group(8, "float")},
        "ignore": ["lm_head", r"re:^model\.layers\.\d+\.self_attn\.(q|k|v|o)_proj$"],
    },
]


@pytest.mark.parametrize("stored", KEEPING)
def test_modules_that_are_kept_have_16_bits(tmp_path: Path, stored: dict[str, Any]) -> None:
    # Networks 1 byte; attention, embeddings, head and norms 2.
    assert weights(tmp_path, stored) == NETWORKS + 2 * (ATTENTION + WORDS + NORMS)


# AutoAWQ and GPTQ: a 16-bit scale and a zero as wide as a weight for each group; compressed-tensors that is
# symmetric has no zero (its README, "pack-quantized"); NVFP4 has an 8-bit scale for 16.
@pytest.mark.parametrize(
    ("stored", "bits"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, 4.15625),
        ({"quant_method": "awq", "bits": 4, "group_size": 64}, 4.3125),
        ({"quant_method": "gptq", "bits": 4, "group_size": 32}, 4.625),
        ({"quant_method": "gptq", "bits": 8, "group_size": 128}, 8.1875),
        ({"quant_method": "gptq", "bits": 4, "group_size": -1}, 4.0),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8 + 32 / 128**2),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head"]}, 4.5),
        (
            {
                **COMPRESSED,
                "config_groups": {"group_0": group(4, "int", group_size=32, symmetric=True)},
                "ignore": ["lm_head"],
            },
            4.5,
        ),
        (
            {
                **COMPRESSED,
                "config_groups": {"group_0": group(4, "int", group_size=128, symmetric=False)},
                "ignore": ["lm_head"],
            },
            4.15625,
        ),
    ],
)
def test_bits_by_the_size_of_the_groups(tmp_path: Path, stored: dict[str, Any], bits: float) -> None:
    expected = int((ATTENTION + NETWORKS) * bits / 8) + 2 * (WORDS + NORMS)
    assert weights(tmp_path, stored) == expected


def test_a_head_that_is_not_ignored_is_stored_as_the_layers_are(tmp_path: Path) -> None:
    stored = {**COMPRESSED, "config_groups": {"group_0": group(8, "float")}, "ignore": []}
    assert weights(tmp_path, stored) == ATTENTION + NETWORKS + 3 * WORDS // 2 + 2 * NORMS
    # Tied, there is no head of its own, and the embeddings keep their 16 bits.
    tied = {**LLAMA_8B, "tie_word_embeddings": True}
    assert weights(tmp_path, stored, tied) == ATTENTION + NETWORKS + WORDS + 2 * NORMS


def test_groups_of_two_widths(tmp_path: Path) -> None:
    # Mixed precision, as llm-compressor writes it: attention in 8 bits, the networks in 4.
    stored = {
        **COMPRESSED,
        "config_groups": {
            "group_0": group(4, "int", group_size=128, symmetric=True),
            "group_1": group(8, "float", targets=["re:.*self_attn.*"]),
        },
        "ignore": ["lm_head"],
    }
    expected = ATTENTION + int(NETWORKS * 4.125 / 8) + 2 * (WORDS + NORMS)
    assert weights(tmp_path, stored) == expected


def test_another_quantisation_is_not_the_checkpoint_s(tmp_path: Path) -> None:
    words = {"quant_method": "awq", "bits": 4, "group_size": 64}
    assert weights(tmp_path, words, quant="fp8") == ATTENTION + NETWORKS + 2 * (WORDS + NORMS)
    assert weights(tmp_path, words, quant="awq") == weights(tmp_path, words)


# llm-compressor, examples/model_free_ptq/glm_4.6_fp8_block.py and kimi_k2_thinking_fp8_block.py;
# huggingface/transformers#42715 (Devstral); the quantization_config of moonshotai/Kimi-K2-Thinking.
@pytest.mark.parametrize(
    ("pattern", "kept", "converted"),
    [
        ("re:.*gate$", "model.layers.3.mlp.gate", "model.layers.3.mlp.gate_proj"),
        ("re:.*q_a_proj$", "model.layers.3.self_attn.q_a_proj", "model.layers.3.self_attn.q_proj"),
        ("model.vision_tower", "model.vision_tower.blocks.0.mlp", "model.layers.0.mlp.up_proj"),
        (
            r"re:.*mlp\.(gate|up|gate_up|down)_proj.*",
            "model.layers.0.mlp.up_proj",
            "model.layers.1.mlp.experts.0.up_proj",
        ),
        (r"re:.*layers\.[0-2]\..*", "model.layers.2.mlp.up_proj", "model.layers.20.mlp.up_proj"),
        ("model.layers.1", "model.layers.1.mlp.up_proj", "model.layers.10.mlp.up_proj"),
        ("model.layers.4*", "model.layers.4.mlp.up_proj", "model.layers.5.mlp.up_proj"),
        ("lm_head", "lm_head", "model.layers.0.mlp.up_proj"),
    ],
)
def test_a_list_of_modules_as_it_is_published(pattern: str, kept: str, converted: str) -> None:
    listed = read_names([pattern])
    assert not listed.unread
    assert listed.has(kept)
    assert not listed.has(converted)


@pytest.mark.parametrize(
    "pattern", ["re:(a+)+$", "re:(.*a){30}", "re:(?!.*experts).*", "re:(", "re:a{9}", "re:" + "x" * 1_000]
)
def test_a_pattern_that_is_not_plain_is_said_not_tried(tmp_path: Path, pattern: str) -> None:
    assert read_names([pattern]).unread == (pattern,)
    (tmp_path / "config.json").write_text(
        json.dumps(
            {**LLAMA_8B, "quantization_config": {"quant_method": "fp8", "modules_to_not_convert": [pattern]}}
        )
    )
    notes = [note.text for note in gpu_fit(str(tmp_path), gpu="H200").notes]
    assert any("is not counted" in note and pattern[:30] in note for note in notes)


@given(
    st.lists(st.text("re:.*+()[]|\\d$^amlphd_", max_size=40), max_size=20), st.text("alphm.d_", max_size=60)
)
def test_no_list_of_modules_ends_in_a_traceback_or_never(listed: list[str], name: str) -> None:
    start = perf_counter()
    read_names(["re:" + each for each in listed]).has(name)
    assert perf_counter() - start < 5


@pytest.mark.parametrize(
    ("field", "value"),
    [("modules_to_not_convert", "lm_head"), ("ignore", [1, 2]), ("weight_block_size", [128])],
)
def test_words_of_another_kind_are_one_line(field: str, value: object) -> None:
    with pytest.raises(CatalogError, match=f"config.json: {field} is .* not a list") as caught:
        read_config({**LLAMA_8B, "quantization_config": {"quant_method": "fp8", field: value}}, "config.json")
    assert "\n" not in str(caught.value)


# microsoft/Phi-3-mini-128k-instruct, config.json: a window of 262,144 in a model for 131,072 tokens.
def test_a_window_wider_than_the_model_is_none(tmp_path: Path) -> None:
    phi = {
        **LLAMA_8B,
        "model_type": "phi3",
        "hidden_size": 3072,
        "intermediate_size": 8192,
        "num_key_value_heads": 32,
        "vocab_size": 32_064,
        "sliding_window": 262_144,
    }
    (tmp_path / "config.json").write_text(json.dumps(phi))
    fit = gpu_fit(str(tmp_path), gpu="A100 80GB")
    assert fit["max_context_tokens"].high == 131_072
    assert {each.kind for each in read_config(phi, "").caches} == {"full"}
    assert {each.kind for each in read_config({**phi, "sliding_window": 2_047}, "").caches} == {"sliding"}


# ggml-org/gpt-oss-20b-GGUF holds 12,109,566,560 bytes; ggml-org/llama.cpp#15125: 60.87 GiB for the 120B with
# BF16 where it is not MXFP4, so a little less with 8 bits there.
def test_llama_cpp_loads_the_gguf_file_of_what_is_published_in_mxfp4() -> None:
    fit = gpu_fit("gpt-oss-20b", gpu="H200", engine="llama.cpp")
    file = fit["weights_bytes"].value + fit["host_bytes"].value
    assert file == pytest.approx(12_109_566_560, rel=0.0012)  # the vocabulary's words stand in the file, too
    assert fit.details.quant == "mxfp4_moe"
    whole = gpu_fit("gpt-oss-120b", gpu="H200", engine="llama.cpp")
    assert 0.95 * 60.87 < (whole["weights_bytes"].value + whole["host_bytes"].value) / GIB < 60.87
    assert gpu_fit("gpt-oss-20b", gpu="H200", engine="vllm").details.quant == "mxfp4"


# Qwen3.5-2B in Q8_0 without mmproj: 2.0 GB (ggml-org/Llama-macOS#63); vLLM's switch: vllm-project/vllm#22299.
def test_the_tower_that_sees_is_shown_and_can_be_left_out() -> None:
    options: dict[str, Any] = {"gpu": "RTX 4090", "quant": "q8_0"}
    whole, text = (gpu_fit("qwen3.5-2b", text_only=switch, **options) for switch in (False, True))
    assert whole["weights_bytes"].value - text["weights_bytes"].value == whole["tower_bytes"].value
    assert "tower_bytes" not in text
    assert whole["params"].value > text["params"].value
    loaded = gpu_fit("qwen3.5-2b", engine="llama.cpp", **options)
    file = loaded["weights_bytes"].value + (loaded["host_bytes"].value if "host_bytes" in loaded else 0)
    assert round(file / 1e9, 1) == 2.0
    assert any("text_only=True leaves it out" in note.text for note in whole.notes)
    assert any("a file of its own for llama.cpp" in note.text for note in loaded.notes)
    assert not any("tower" in note.text for note in text.notes)
    assert "of them what" in str(whole)


def test_decoding_never_reads_the_tower() -> None:
    speeds = [gpu_speed("gemma-3-4b", gpu="RTX 4090", text_only=each) for each in (False, True)]
    assert len({speed["read_weights_bytes"].value for speed in speeds}) == 1


def test_a_file_s_tower_is_told_by_the_names_of_its_tensors(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        json.dumps(
            {
                "model_type": "gemma3",
                "text_config": {**LLAMA_8B, "model_type": "gemma3_text", "sliding_window": 1024},
                "vision_config": {
                    "hidden_size": 64,
                    "patch_size": 14,
                    "image_size": 28,
                    "intermediate_size": 128,
                    "num_hidden_layers": 1,
                    "num_attention_heads": 2,
                },
            }
        )
    )
    sizes = {"vision_tower.a": 400, "model.vision_tower.b": 40, "multi_modal_projector.c": 4, "model.d": 1000}
    tensors = {name: ("BF16", [size // 2], size) for name, size in sizes.items()}
    write_safetensors(tmp_path / "model.safetensors", tensors)
    assert gpu_fit(str(tmp_path), gpu="H200")["weights_bytes"].value == 1444
    assert gpu_fit(str(tmp_path), gpu="H200")["tower_bytes"].value == 444
    assert gpu_fit(str(tmp_path), gpu="H200", text_only=True)["weights_bytes"].value == 1000
    assert gpu_fit(str(tmp_path), gpu="H200", engine="llama.cpp")["weights_bytes"].value == 1000


def test_a_tower_that_is_not_counted_has_a_name() -> None:
    notes = [note.text for note in gpu_fit("llama-4-scout", gpu="B200").notes]
    assert any("the vision tower (llama4_text)" in note for note in notes)


def test_a_method_of_its_own_is_judged_in_another_and_gets_no_other_advised(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        json.dumps({**LLAMA_8B, "quantization_config": {"quant_method": "hqq"}})
    )
    fit = gpu_fit(str(tmp_path), gpu="T4", quant="bf16")
    assert fit.verdict == "does not fit"
    assert not any("it fits with quant" in note.text for note in fit.notes)
