"""Models of the user's own: configs, headers of files, caches, objects; broken and hostile ones too."""

from __future__ import annotations

import json
import math
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.utils.capture import capture_output
from servers import Answer, http_server

from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.catalog.open_models.from_files import gguf_types
from ipython_llmnumbers.errors import CatalogError, LLMNumbersError, UnsupportedArchitectureError, UsageError
from ipython_llmnumbers.live.line import live_lines
from ipython_llmnumbers.magics.settings import LLMNumbers
from ipython_llmnumbers.probes.checkpoints._gguf import read_gguf

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_attention_heads": 8,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "vocab_size": 1_000,
    "tie_word_embeddings": False,
    "max_position_embeddings": 4_096,
    "torch_dtype": "bfloat16",
}


def write_safetensors(
    path: Path, tensors: dict[str, tuple[str, list[int], int]], data: int | None = None
) -> None:
    """A file of the format with zeros for data: type, shape and bytes of each tensor."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (kind, shape, size) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * (end if data is None else data))


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf_value(value: Any) -> bytes:
    match value:
        case str():
            return struct.pack("<I", 8) + text(value)
        case list() if value and isinstance(value[0], str):
            return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
        case list():
            return struct.pack("<IIQ", 9, 4, len(value)) + struct.pack(f"<{len(value)}I", *value)
        case _:
            return struct.pack("<II", 4, value)


def gguf_bytes(keys: dict[str, Any], tensors: dict[str, tuple[list[int], int]], data: bool = True) -> bytes:
    """A file with zeros for data: each tensor with its shape, the length of a row first, and its type."""
    found = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys))
    for name, value in keys.items():
        found += text(name) + gguf_value(value)
    offset = 0
    for name, (shape, kind) in tensors.items():
        found += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
        _, block, block_bytes = gguf_types().get(kind, ("", 1, 1))
        n_bytes = math.prod(shape) // block * block_bytes
        offset += -(-n_bytes // 32) * 32
    return found + bytes(-len(found) % 32 + offset) if data and offset < 2**30 else found


KEYS: dict[str, Any] = {
    "general.architecture": "llama",
    "llama.block_count": 2,
    "llama.embedding_length": 256,
    "llama.feed_forward_length": 512,
    "llama.attention.head_count": 8,
    "llama.attention.head_count_kv": 2,
    "llama.context_length": 4_096,
    "tokenizer.ggml.tokens": [f"word{n}" for n in range(5_000)],
    "tokenizer.ggml.scores": list(range(5_000)),
}
Q4_K, Q6_K, F32 = 12, 14, 0
TENSORS: dict[str, tuple[list[int], int]] = {
    "token_embd.weight": ([256, 1_000], Q4_K),
    "output.weight": ([256, 1_000], Q6_K),
    "output_norm.weight": ([256], F32),
    "blk.0.attn_k.weight": ([256, 64], Q4_K),
    "blk.1.attn_k.weight": ([256, 64], Q4_K),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    return tmp_path


def weights(fit: Any) -> Any:
    return fit["weights_bytes"].value


def test_a_folder_with_a_config(folder: Path) -> None:
    fit = gpu_fit(str(folder), gpu="T4")
    assert fit["kv_bytes_per_token"].value == 2 * 2 * 2 * 32 * 2
    assert weights(fit) == fit["params"].value * 2
    assert fit["context_tokens"].value == 4_096


def test_the_config_alone_and_another_quantisation(folder: Path) -> None:
    fit = gpu_fit(str(folder / "config.json"), gpu="T4", quant="q8_0")
    assert 8.5 / 8 <= weights(fit) / fit["params"].value < 9 / 8


def test_safetensors_are_exact_by_their_header(folder: Path) -> None:
    write_safetensors(folder / "model.safetensors", {"a": ("BF16", [10, 20], 400), "b": ("F8_E4M3", [8], 8)})
    fit = gpu_fit(str(folder), gpu="T4")
    assert weights(fit) == 408
    assert fit.details.quant == "bf16, f8_e4m3"
    assert fit["weights_bytes"].inputs[0].origin == "measured"


def test_shards_behind_an_index(folder: Path) -> None:
    names = {"a": "model-1.safetensors", "b": "model-2.safetensors"}
    index = {"metadata": {"total_size": 999}, "weight_map": names}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    # Without its shards an index states the total; with some of them it names a missing one.
    assert weights(gpu_fit(str(folder), gpu="T4")) == 999
    write_safetensors(folder / "model-1.safetensors", {"a": ("F16", [4], 8)})
    with pytest.raises(CatalogError, match="1 of 2 shards are missing"):
        gpu_fit(str(folder), gpu="T4")
    write_safetensors(folder / "model-2.safetensors", {"b": ("F16", [6], 12)})
    assert weights(gpu_fit(str(folder), gpu="T4")) == 20


def test_weights_without_a_config_leave_the_cache_unknown(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    write_safetensors(path, {"a": ("F32", [4, 4], 64)})
    fit = gpu_fit(str(path), gpu="T4")
    assert weights(fit) == 64
    assert fit["kv_cache_bytes"].value is None
    assert fit["max_context_tokens"].value is None
    assert fit.verdict is None
    assert "what a token keeps is unknown" in str(fit)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"\xff" * 64, "not a .safetensors file"),
        (struct.pack("<Q", 2**60) + b"{}", "not a .safetensors file"),
        (struct.pack("<Q", 3) + b"{,}", "its header is broken"),
        (struct.pack("<Q", 2) + b"[]", "not a .safetensors file"),
        (struct.pack("<Q", 2) + b"{}", "names no tensors"),
        (struct.pack("<Q", 8) + b'{"a": 1}', "its header is broken"),
    ],
)
def test_a_broken_safetensors_file_is_one_line(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    with pytest.raises(CatalogError, match=words) as caught:
        gpu_fit(str(path), gpu="T4")
    assert "\n" not in str(caught.value)


def test_a_safetensors_file_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_safetensors(path, {"a": ("F16", [500], 1_000)}, data=990)
    with pytest.raises(CatalogError, match="cut short, 10 bytes are missing"):
        gpu_fit(str(path), gpu="T4")


def test_a_gguf_file_is_exact_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(gguf_bytes(KEYS, TENSORS))
    fit = gpu_fit(str(path), gpu="T4")
    embeddings, head, norm, keys = 256_000 * 144 // 256, 256_000 * 210 // 256, 1_024, 2 * 16_384 * 144 // 256
    assert weights(fit) == embeddings + head + norm + keys
    assert fit["kv_bytes_per_token"].value == 2 * 2 * 2 * 32 * 2
    assert fit.details.quant == "f32, q4_k, q6_k"
    on_gpu = gpu_fit(str(path), gpu="T4", engine="llama.cpp")
    assert weights(on_gpu) == head + norm + keys
    assert on_gpu["host_bytes"].value == embeddings


def test_a_gguf_file_without_attention_or_vocabulary_leaves_the_batch_unknown(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(gguf_bytes(KEYS, {"output.weight": ([256, 1_000], F32)}))
    fit = gpu_fit(str(path), gpu="T4")
    assert weights(fit) == 256 * 1_000 * 4
    assert fit["max_batch_size"].value is None
    assert "unknown" in str(fit)


def test_a_gguf_file_of_a_window_and_a_state(tmp_path: Path) -> None:
    keys = {name.replace("llama.", "gemma2."): value for name, value in KEYS.items()}
    keys |= {"general.architecture": "gemma2", "gemma2.attention.sliding_window": 128}
    path = tmp_path / "gemma.gguf"
    path.write_bytes(gguf_bytes(keys, TENSORS))
    a_layer = 2 * 2 * 32 * 2
    assert gpu_fit(str(path), gpu="T4", context_tokens=1_000)["kv_cache_bytes"].value == a_layer * 1_128
    keys = {name.replace("llama.", "mamba."): value for name, value in KEYS.items()}
    keys |= {"general.architecture": "mamba", "mamba.ssm.inner_size": 512, "mamba.ssm.state_size": 16}
    keys |= {"mamba.ssm.conv_kernel": 4}
    tensors = {**TENSORS, "blk.0.ssm_conv1d.weight": ([4, 512], F32), "blk.1.ssm_a": ([16, 512], F32)}
    path.write_bytes(gguf_bytes(keys, tensors))
    state = 2 * (512 * 16 * 4 + 512 * 3 * 2)
    assert gpu_fit(str(path), gpu="T4", context_tokens=1_000)["kv_cache_bytes"].value == state


def test_shards_of_a_gguf_file(tmp_path: Path) -> None:
    first, second = (tmp_path / f"m-0000{n}-of-00002.gguf" for n in (1, 2))
    first.write_bytes(gguf_bytes(KEYS, TENSORS))
    with pytest.raises(CatalogError, match=r"m-00002-of-00002\.gguf is missing"):
        gpu_fit(str(first), gpu="T4")
    whole = weights(gpu_fit(str(first.rename(tmp_path / "whole.gguf")), gpu="T4"))
    (tmp_path / "whole.gguf").rename(first)
    second.write_bytes(gguf_bytes({}, {"blk.1.ffn_up.weight": ([256, 256], F32)}))
    assert weights(gpu_fit(str(first), gpu="T4")) == whole + 256 * 256 * 4
    assert weights(gpu_fit(str(tmp_path), gpu="T4")) == whole + 256 * 256 * 4


def test_the_first_shard_may_have_no_tensors(tmp_path: Path) -> None:
    """`llama-gguf-split --no-tensor-first-split` writes the keys alone into it."""
    for number, data in enumerate((gguf_bytes(KEYS, {}), gguf_bytes({}, TENSORS)), start=1):
        (tmp_path / f"m-0000{number}-of-00002.gguf").write_bytes(data)
    (tmp_path / "whole.gguf").write_bytes(gguf_bytes(KEYS, TENSORS))
    split, whole = (
        gpu_fit(str(tmp_path / name), gpu="T4") for name in ("m-00001-of-00002.gguf", "whole.gguf")
    )
    assert weights(split) == weights(whole)


def test_a_gguf_file_of_an_adapter_has_no_largest_batch(tmp_path: Path) -> None:
    """Neither a vocabulary nor a cache: what a sequence takes is unknown, and no division by it."""
    path = tmp_path / "adapter.gguf"
    path.write_bytes(gguf_bytes(KEYS, {"blk.0.ffn_up.weight.lora_a": ([256, 8], F32)}))
    fit = gpu_fit(str(path), gpu="T4")
    assert weights(fit) == 256 * 8 * 4
    assert fit["max_batch_size"].value is None


def hostile() -> Iterator[tuple[str, bytes]]:
    start = b"GGUF" + struct.pack("<I", 3)
    yield "no magic", b"GGML" + bytes(40)
    yield "an old version", b"GGUF" + struct.pack("<IQQ", 1, 0, 0)
    yield "cut after the magic", b"GGUF"
    yield "2^60 keys", start + struct.pack("<QQ", 0, 2**60)
    yield "2^60 tensors", start + struct.pack("<QQ", 2**60, 0)
    yield "a name of 2^60 letters", start + struct.pack("<QQ", 0, 1) + struct.pack("<Q", 2**60)
    yield (
        "a list of 2^60 items",
        start + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<IIQ", 9, 4, 2**60),
    )
    yield "lists in lists", start + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<IIQ", 9, 9, 1) * 50
    yield "an unknown type of value", start + struct.pack("<QQ", 0, 1) + text("a") + struct.pack("<I", 99)
    yield "an unknown type of tensor", gguf_bytes(KEYS, {"a": ([2], 255)})
    yield "a tensor of 2^63 numbers", gguf_bytes(KEYS, {"a": ([2**63], 0)})
    yield "no architecture", gguf_bytes({}, TENSORS)
    yield "no layers", gguf_bytes({"general.architecture": "llama"}, TENSORS)
    yield "no tensors", gguf_bytes(KEYS, {})


@pytest.mark.parametrize("data", [data for _, data in hostile()], ids=[name for name, _ in hostile()])
def test_a_broken_or_hostile_gguf_file_is_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(data)
    with pytest.raises(CatalogError) as caught:
        gpu_fit(str(path), gpu="T4")
    assert "\n" not in str(caught.value)


WHOLE = gguf_bytes({**KEYS, "tokenizer.ggml.tokens": ["a"], "tokenizer.ggml.scores": [1]}, TENSORS)


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.booleans())
def test_no_gguf_file_ends_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int, cut: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.gguf"
    path.write_bytes(WHOLE[:place] if cut else WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])
    try:
        read_gguf(path, gguf_types())
        gpu_fit(str(path), gpu="T4")
    except LLMNumbersError as error:
        message = str(error)
        if "\n" in message:
            raise


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("config.json", "{", "not valid JSON"),
        ("config.json", "[]", "not a config.json"),
        ("config.json", "[" * 100_000, "not valid JSON"),
        ("config.json", "{}", "no model_type"),
        ("model.safetensors.index.json", "{}", "names no files"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "../../b"}}', "states no total_size"),
    ],
)
def test_a_broken_json_is_one_line(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LLMNumbersError, match=words) as caught:
        gpu_fit(str(path), gpu="T4")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["./nothing", "nothing.gguf", "/nothing/config.json"])
def test_a_path_that_is_not_there(name: str) -> None:
    with pytest.raises(CatalogError, match="no such file or folder"):
        gpu_fit(name, gpu="T4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_what_has_no_end_is_not_read(tmp_path: Path, shell) -> None:
    """The live line opens a path while it is typed: a pipe would hold its thread for good."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero"):
        (line,) = live_lines(f"%gpufit {path}", LLMNumbers())
        assert "not a regular file" in str(line)
        with capture_output() as captured:
            shell.run_cell(f"%tokens --file {path}")
            shell.run_cell(f"%llmcost --annotate {path} --to {tmp_path / 'out.ipynb'}")
        assert captured.stdout.count("not a regular file") == 2


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"no config\.json"):
        gpu_fit(str(tmp_path), gpu="T4")


def test_the_hugging_face_cache_comes_before_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    kept = tmp_path / "models--meta-llama--Llama-3.1-8B"
    for commit, layers in (("aaa", 2), ("bbb", 3)):
        snapshot = kept / "snapshots" / commit
        snapshot.mkdir(parents=True)
        config = json.dumps({**LLAMA, "num_hidden_layers": layers})
        (snapshot / "config.json").write_text(config, encoding="utf-8")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("aaa", encoding="utf-8")
    fit = gpu_fit("meta-llama/Llama-3.1-8B", gpu="T4")
    assert fit["kv_bytes_per_token"].value == 2 * 2 * 2 * 32 * 2
    assert "Hugging Face cache" in str(fit.explain("params"))
    assert gpu_fit("llama-3.1-8b", gpu="H200")["params"].value == 8_030_261_248


HUB = """
import sys
from ipython_llmnumbers import gpu_fit
try:
    print(gpu_fit(sys.argv[1], gpu="T4", hub="--hub" in sys.argv)["params"].value)
except Exception as error:
    print(type(error).__name__, str(error).count(chr(10)), error)
"""


@pytest.mark.slow
def test_the_hub_is_asked_only_where_the_user_says_so(tmp_path: Path) -> None:
    kept = {"ETag": '"e1"', "X-Repo-Commit": "c" * 40}

    def answer(path: str) -> Answer:
        if path != "/org/small/resolve/main/config.json":
            return Answer(404)
        return Answer(body=json.dumps(LLAMA).encode(), headers=kept)

    def ask(*arguments: str) -> str:
        command = [sys.executable, "-c", HUB, *arguments]
        environment = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_XET": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
        return done.stdout.strip()

    with http_server(answer) as (url, asked):
        assert ask("org/small").startswith("UnknownNameError 0 unknown model 'org/small'")
        assert asked == []
        assert ask("org/small", "--hub") == str(gpu_fit_of(LLAMA)["params"].value)
        assert ask("org/none", "--hub").startswith("CatalogError 0 hub org/none:")
        assert ask("small", "--hub").startswith("UsageError 0 hub needs a repository")
        assert asked
    assert ask("org/other", "--hub").startswith("CatalogError 0 hub org/other:")


def gpu_fit_of(config: dict[str, Any]) -> Any:
    return gpu_fit(config, gpu="T4")


class FakeTensor:
    """What a torch tensor tells of itself; torch is too large a package for the tests."""

    def __init__(self, shape: tuple[int, ...], width: int, dtype: str) -> None:
        self.shape, self.width, self.dtype = shape, width, dtype

    def element_size(self) -> int:
        return self.width


class Module:
    """A module with one parameter under two names, as tied embeddings are, and a buffer."""

    def __init__(self, config: object = None) -> None:
        self.config = config
        self.weight = FakeTensor((100, 20), 2, "torch.bfloat16")
        self.scale = FakeTensor((7,), 4, "torch.float32")

    def named_parameters(self) -> list[tuple[str, FakeTensor]]:
        return [("weight", self.weight), ("head", self.weight)]

    def named_buffers(self) -> list[tuple[str, FakeTensor]]:
        return [("scale", self.scale)]


class TransformersConfig:
    def to_dict(self) -> dict[str, Any]:
        return LLAMA


def test_a_torch_module_is_counted_by_its_parameters_and_buffers() -> None:
    fit = gpu_fit(Module(), gpu="T4")
    assert weights(fit) == 100 * 20 * 2 + 7 * 4
    assert fit["params"].value == 2_007
    assert fit["kv_cache_bytes"].value is None


def test_a_transformers_model_has_a_config_too() -> None:
    fit = gpu_fit(Module(TransformersConfig()), gpu="T4")
    assert weights(fit) == 100 * 20 * 2 + 7 * 4
    assert fit["kv_bytes_per_token"].value == 512
    assert gpu_fit(TransformersConfig(), gpu="T4")["params"].value == gpu_fit_of(LLAMA)["params"].value


@pytest.mark.parametrize("value", [None, 7, [], object()])
def test_an_object_that_is_no_model_is_one_line(value: object) -> None:
    with pytest.raises(UsageError) as caught:
        gpu_fit(value, gpu="T4")
    assert "\n" not in str(caught.value)


def test_a_config_of_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedArchitectureError, match="model_type 'rwkv7'"):
        gpu_fit({**LLAMA, "model_type": "rwkv7"}, gpu="T4")


def test_a_variable_of_the_notebook(shell: Any) -> None:
    shell.user_ns["mine"] = Module(TransformersConfig())
    shell.user_ns["named"] = "llama-3.1-8b"
    assert weights(shell.run_line_magic("gpufit", "-v mine --gpu T4")) == 4_028
    assert shell.run_line_magic("gpufit", "-v named --gpu H200").verdict == "fits"
    for line, words in (
        ("-v mine llama-3.1-8b", "give one of them"),
        ("-v nothing", "no variable of that name"),
    ):
        with pytest.raises(UsageError, match=words):
            shell.run_line_magic("gpufit", line)
