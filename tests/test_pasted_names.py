"""Open models by the names that people paste: builds, files, tags, closed models."""

from __future__ import annotations

import pytest

from ipython_llmnumbers import gpu_fit, gpu_speed
from ipython_llmnumbers.catalog.open_models.find import find_model
from ipython_llmnumbers.catalog.open_models.quants import find_quant
from ipython_llmnumbers.errors import CatalogError, UnknownNameError, UsageError
from ipython_llmnumbers.estimates.memory.weights import weights_figure

GB = 10**9


@pytest.mark.parametrize(
    ("name", "model", "quant"),
    [
        ("Qwen/Qwen3-8B-FP8", "Qwen3-8B", "fp8"),
        ("Qwen/Qwen3-8B-AWQ", "Qwen3-8B", "int4"),
        ("zai-org/GLM-4.5-Air-FP8", "GLM-4.5-Air", "fp8"),
        ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4", "Qwen2.5-7B", "int4"),
        ("Qwen/Qwen2.5-7B-Instruct-GPTQ-Int8", "Qwen2.5-7B", "gptq-int8"),
        ("casperhansen/llama-3.3-70b-instruct-awq", "Llama-3.3-70B", "int4"),
        ("RedHatAI/Llama-3.3-70B-Instruct-quantized.w4a16", "Llama-3.3-70B", "int4"),
        ("RedHatAI/Llama-3.3-70B-Instruct-quantized.w8a8", "Llama-3.3-70B", "int8"),
        ("neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8-dynamic", "Llama-3.1-8B", "fp8"),
        ("nvidia/Llama-3.1-405B-Instruct-FP8", "Llama-3.1-405B", "fp8"),
        ("nvidia/Llama-3.3-70B-Instruct-NVFP4", "Llama-3.3-70B", "nvfp4"),
        ("nvidia/Llama-3.3-70B-Instruct-FP4", "Llama-3.3-70B", "nvfp4"),
        ("mlx-community/Llama-3.3-70B-Instruct-4bit", "Llama-3.3-70B", "mlx-4bit"),
        ("lmstudio-community/Qwen3-8B-MLX-8bit", "Qwen3-8B", "mlx-8bit"),
        ("unsloth/Meta-Llama-3.1-8B-bnb-4bit", "Llama-3.1-8B", "nf4-dq"),
        ("unsloth/Qwen3-14B-unsloth-bnb-4bit", "Qwen3-14B", "unsloth-bnb-4bit"),
        ("turboderp/Llama-3.1-8B-Instruct-exl2-4.65bpw", "Llama-3.1-8B", "4.65bpw"),
        ("LoneStriker/Mixtral-8x7B-v0.1-3.5bpw-h6-exl2", "Mixtral-8x7B", "3.5bpw"),
        ("unsloth/Qwen3-30B-A3B-GGUF", "Qwen3-30B-A3B", "q4_k_m"),
        ("unsloth/Qwen3-30B-A3B-GGUF:UD-Q4_K_XL", "Qwen3-30B-A3B", "ud-q4_k_xl"),
        ("hf.co/bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q4_K_L", "Llama-3.1-8B", "q4_k_l"),
        ("https://huggingface.co/Qwen/Qwen3-8B", "Qwen3-8B", "bf16"),
        ("Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", "Llama-3.1-8B", "q4_k_m"),
        ("Qwen3-30B-A3B-UD-Q4_K_XL.gguf", "Qwen3-30B-A3B", "ud-q4_k_xl"),
        ("llama-2-13b-chat.Q5_K_M.gguf", "Llama-2-13B", "q5_k_m"),
        ("Llama-3.3-70B-Instruct-Q8_0-00001-of-00002.gguf", "Llama-3.3-70B", "q8_0"),
        ("mradermacher/Llama-3.3-70B-Instruct-i1-GGUF", "Llama-3.3-70B", "q4_k_m"),
        ("google/gemma-3-27b-it-qat-q4_0-gguf", "Gemma-3-27B", "q4_0"),
        ("ggml-org/gpt-oss-20b-GGUF", "gpt-oss-20b", "mxfp4_moe"),
        ("gpt-oss-120b-MXFP4-GGUF", "gpt-oss-120b", "mxfp4_moe"),
        # Tags of https://ollama.com/library: a tag without a type is Q4_K_M since 2024.
        ("qwen3:8b", "Qwen3-8B", "q4_k_m"),
        ("ollama run llama3.1:70b-instruct-q8_0", "Llama-3.1-70B", "q8_0"),
        ("llama3.2:latest", "Llama-3.2-3B", "q4_k_m"),
        ("gemma3:27b-it-qat", "Gemma-3-27B", "q4_0"),
        ("gpt-oss:20b", "gpt-oss-20b", "mxfp4"),
        ("deepseek-r1:671b", "DeepSeek-R1", "q4_k_m"),
        ("nomic-embed-text:latest", "nomic-embed-text-v1.5", "fp16"),
        ("meta-llama/llama-3.3-70b-instruct:free", "Llama-3.3-70B", "bf16"),
        ("Mixtral", "Mixtral-8x7B", "bf16"),
        ("gemma 3 27b", "Gemma-3-27B", "bf16"),
        ("llama3-70b", "Llama-3-70B", "bf16"),
    ],
)
def test_a_build_is_its_base_in_the_quantisation_of_its_name(name: str, model: str, quant: str) -> None:
    spec = find_model(name)
    assert (spec.name, spec.quant) == (model, quant)
    if quant != "bf16":
        (remark,) = map(str, spec.remarks)
        assert model in remark
        assert quant in remark


def test_the_month_of_a_release_names_the_same_model() -> None:
    """Pixtral 12B was released in September 2024; of another month it is unknown."""
    assert find_model("mistralai/Pixtral-12B-2409").name == "pixtral-12b"
    assert find_model("Pixtral-12B-2409-FP8").quant == "fp8"
    with pytest.raises(UnknownNameError):
        find_model("Pixtral-12B-2408")


def test_a_name_that_is_the_model_s_own_has_no_remark() -> None:
    for name in ("meta-llama/Llama-3.1-8B-Instruct", "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16"):
        assert not find_model(name).remarks


def test_the_answer_says_how_the_name_was_read_and_a_quantisation_that_is_asked_for_comes_first() -> None:
    fit = gpu_fit("Qwen/Qwen3-8B-FP8", gpu="L4")
    assert any("taken as Qwen3-8B in fp8" in str(note) for note in fit.notes)
    # 8,190,735,360 parameters of which 2 × 151,936 × 4,096 are embeddings and head, in 16 bits.
    kept = 2 * 151_936 * 4_096
    assert fit["weights_bytes"].value == pytest.approx(8_190_735_360 + kept, rel=1e-3)
    assert gpu_fit("Qwen/Qwen3-8B-FP8", gpu="L4", quant="bf16")["weights_bytes"].value == 2 * 8_190_735_360


def test_an_ollama_tag_is_the_file_that_ollama_pulls() -> None:
    # https://ollama.com/library/qwen3: 8b is Q4_K_M, 5.2 GB on the page, 5.03 GB of tensors.
    fit = gpu_fit("qwen3:8b", gpu="RTX-3060-Ti", engine="llama.cpp")
    assert fit.verdict == "fits"
    whole = gpu_fit("qwen3:8b", gpu="RTX-3060-Ti")["weights_bytes"].value
    assert whole == pytest.approx(5.03 * GB, rel=0.01)


# `-hf <user>/<model>[:quant]`: "quant is optional, case-insensitive, default to Q4_K_M" (llama.cpp,
# tools/server/README.md). What a name or an option says comes first, and so do files of one's own.
@pytest.mark.parametrize(
    ("model", "options", "quant"),
    [
        ("llama-3.1-8b", {}, "q4_k_m"),
        ("DeepSeek-V3", {}, "q4_k_m"),
        ("13B", {}, "q4_k_m"),
        ("bge-m3", {}, "fp16"),
        ("llama-3.1-8b", {"quant": "bf16"}, "bf16"),
        ("Qwen3-8B-BF16.gguf", {}, "bf16"),
        ("unsloth/Qwen3-8B-GGUF:Q8_0", {}, "q8_0"),
    ],
)
def test_llama_cpp_loads_four_bits_unless_told_otherwise(
    model: str, options: dict[str, str], quant: str
) -> None:
    fit = gpu_fit(model, gpu="H200", engine="llama.cpp", **options)
    assert fit.details.quant == quant
    is_told = options or "8B-" in model
    assert any("unless told otherwise" in note.text for note in fit.notes) != bool(is_told)
    speed = gpu_speed("llama-3.1-8b", gpu="H200", engine="llama.cpp")
    assert speed.details.quant == "q4_k_m"


def test_llama_cpp_loads_the_gguf_of_gpt_oss() -> None:
    # The file of https://huggingface.co/ggml-org/gpt-oss-20b-GGUF, with its vocabulary.
    fit = gpu_fit("gpt-oss-20b", gpu="RTX-4090", engine="llama.cpp")
    host = fit.details.quant, fit["host_bytes"].value
    assert host[0] == "mxfp4_moe"
    assert fit["weights_bytes"].value + host[1] == pytest.approx(12_109_566_560, rel=2e-3)


def test_a_file_that_is_not_here_is_read_by_its_name_but_a_path_is_not() -> None:
    fit = gpu_fit("Qwen3-8B-Q4_K_M.gguf", gpu="L4")
    assert fit["weights_bytes"].value == pytest.approx(5.03 * GB, rel=0.01)
    for missing in ("./Qwen3-8B-Q4_K_M.gguf", "/models/Qwen3-8B-Q4_K_M.gguf", "my-own-model-q4_0.gguf"):
        with pytest.raises(CatalogError, match="no such file"):
            gpu_fit(missing, gpu="L4")


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("gpt-4o", "OpenAI"),
        ("GPT-4", "OpenAI"),
        ("openai/gpt-5-mini", "OpenAI"),
        ("o3-mini", "OpenAI"),
        ("claude-opus-4-5", "Anthropic"),
        ("anthropic/claude-sonnet-4", "Anthropic"),
        ("gemini-2.5-pro", "Google"),
        ("grok-4", "xAI"),
    ],
)
def test_a_closed_model_is_refused_for_what_it_is(name: str, maker: str) -> None:
    with pytest.raises(UsageError, match=f"weights are not published, {maker}") as caught:
        find_model(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["acme/wonder-9x", "acme/wonder-9x-FP8", "wonder:9x", "Qwen2.5-VL-99B-AWQ"])
def test_no_relative_is_taken_for_a_name_that_nobody_knows(name: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown model"):
        find_model(name)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("UD-Q4_K_XL", "ud-q4_k_xl"),
        ("Q4_K_L", "q4_k_l"),
        ("fp8_e4m3", "fp8"),
        ("q4", "q4_k_m"),
        ("q8", "q8_0"),
        ("bitsandbytes", "nf4"),
        ("4.65bpw", "4.65bpw"),
        ("exl2-4.65bpw", "4.65bpw"),
        ("4.0bpw", "4.0bpw"),
    ],
)
def test_a_quantisation_as_written(word: str, name: str) -> None:
    assert find_quant(word).name == name


@pytest.mark.parametrize("word", ["99bpw", "0bpw", "bpw", "٤bpw", "ud-q9_k_xl", "q4_k_xxl"])
def test_a_quantisation_that_nobody_makes(word: str) -> None:
    with pytest.raises(UnknownNameError):
        find_quant(word)


# The file table of bartowski/Meta-Llama-3.1-8B-Instruct-GGUF, in GB.
@pytest.mark.parametrize(
    ("mix", "gigabytes"),
    [("Q4_K_M", 4.92), ("Q3_K_XL", 4.78), ("Q4_K_L", 5.31), ("Q5_K_L", 6.06), ("Q6_K_L", 6.85)],
)
def test_bartowski_s_mixes_are_his_files(mix: str, gigabytes: float) -> None:
    spec = find_model("Llama-3.1-8B")
    size = weights_figure(spec, find_quant(mix), list(spec.architecture.matrices)).value
    assert size == pytest.approx(gigabytes * GB, rel=0.003)
    assert find_quant(mix).bits == pytest.approx(size * 8 / spec.architecture.params, rel=1e-3)


# unsloth/Qwen3.5-27B-GGUF as lmstudio-ai/lmstudio-bug-tracker#1594 lists it; the others are the files of
# ggml-org/Llama-macOS#63. The vision tower is a file of its own.
@pytest.mark.parametrize(
    ("model", "quant", "gigabytes"),
    [
        ("Qwen3.5-27B", "UD-IQ2_XXS", 8.57),
        ("Qwen3.5-27B", "UD-IQ2_M", 10.2),
        ("Qwen3.5-27B", "UD-IQ3_XXS", 11.5),
        ("Qwen3.5-27B", "UD-Q2_K_XL", 11.2),
        ("Qwen3.5-27B", "UD-Q3_K_XL", 14.4),
        ("Qwen3.5-27B", "UD-Q4_K_XL", 17.6),
        ("Qwen3.5-27B", "UD-Q5_K_XL", 20.2),
        ("Qwen3.5-27B", "UD-Q6_K_XL", 25.7),
        ("Qwen3.5-27B", "UD-Q8_K_XL", 35.5),
        ("Qwen3.5-35B-A3B", "UD-Q4_K_XL", 22.2),
        ("Qwen3.5-122B-A10B", "UD-Q4_K_XL", 68.4),
        ("Qwen3.5-397B-A17B", "UD-Q4_K_XL", 219.2),
    ],
)
def test_unsloth_s_files_lie_within_the_range(model: str, quant: str, gigabytes: float) -> None:
    spec = find_model(model)
    text = [each for each in spec.architecture.matrices if not each.draft and not each.role.startswith("v.")]
    figure = weights_figure(spec, find_quant(quant), text)
    assert figure.low <= gigabytes * GB <= figure.high
    assert figure.high / figure.low < 1.26


def test_a_model_of_another_s_shape_keeps_its_name():
    spec = find_model("zai-org/GLM-4.6-FP8")
    assert (spec.name, spec.quant) == ("GLM-4.6", "fp8")
    assert "GLM-4.6 has the shape of GLM-4.7" in map(str, spec.remarks)
    assert "vllm serve zai-org/GLM-4.6 " in str(gpu_fit("GLM-4.6", gpu="8xH200", engine="vllm"))
