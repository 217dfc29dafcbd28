"""Models' folders and files that are not what their names say: an answer, or one line. Nothing waits."""

from __future__ import annotations

import itertools
import os
from types import SimpleNamespace

import pytest
from builders import safetensors_bytes
from builders_models import (
    CONFIG,
    DANGLING,
    ENDLESS,
    FIFO,
    FOLDER,
    GGUF,
    INDEX,
    LOOP,
    WEIGHTS,
    make_files,
    shard,
)

from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.catalog.open_models.from_files import gguf_types
from ipython_llmnumbers.errors import LLMNumbersError, UnknownNameError
from ipython_llmnumbers.probes.checkpoints.read import cached_checkpoint, read_checkpoint

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


def line_of(model):
    """The one line that a model is refused with."""
    with pytest.raises(LLMNumbersError) as caught:
        gpu_fit(str(model), gpu="T4")
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) <= 700
    return line


# -- what lies in the place of a file ------------------------------------------------------

SHARDS = {"weight_map": {"a": "s1.safetensors", "b": "s2.safetensors"}}
PLACES = {
    "config.json": {},
    "model.safetensors": {"config.json": CONFIG},
    "consolidated.safetensors": {"model.gguf": GGUF},
    "model.safetensors.index.json": {"config.json": CONFIG},
    "model.gguf": {},
    "s2.safetensors": {"model.safetensors.index.json": SHARDS, "s1.safetensors": WEIGHTS},
    "m-00002-of-00002.gguf": {"m-00001-of-00002.gguf": shard(0, 2)},
}
THINGS = [FIFO, LOOP, DANGLING, FOLDER, ENDLESS]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_file_ends_at_once(tmp_path, place, thing):
    make_files(tmp_path, {**PLACES[place], place: thing})
    try:
        gpu_fit(str(tmp_path), gpu="T4")
    except LLMNumbersError as error:
        assert str(error).isprintable()  # noqa: PT017 (an answer is right where the file is not needed)
        assert len(str(error)) <= 700  # noqa: PT017
    line_of(tmp_path / place)


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("place", ["refs/main", "snapshots/abc/config.json", "snapshots", "refs"])
def test_what_is_no_file_in_the_cache_ends_at_once(tmp_path, monkeypatch, place, thing):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--a--b"
    others = {"refs/main": b"abc", "snapshots/abc/config.json": CONFIG}
    make_files(folder, {**{k: v for k, v in others.items() if not k.startswith(place)}, place: thing})
    try:
        cached_checkpoint("a/b", gguf_types())
    except LLMNumbersError as error:
        assert len(str(error)) <= 700  # noqa: PT017


@pytest.mark.parametrize("reference", [b"../../../etc", b"\0", b"\xff" * 900, b"abc\n", b"", b"x" * 5_000])
def test_a_reference_that_names_no_snapshot_is_not_followed(tmp_path, monkeypatch, reference):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    make_files(tmp_path / "models--a--b", {"refs/main": reference, "snapshots/abc/config.json": CONFIG})
    try:
        assert cached_checkpoint("a/b", gguf_types()).config == CONFIG
    except LLMNumbersError as error:
        assert "such a file has 1,000 at most" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "name",
    ["/" + "a" * 300, "~nobody-of-that-name/x", "/a\0b", "/\ud800", "/" + "x/" * 2_500, "./no.gguf"],
    ids=["300 letters", "nobody's home", "NUL", "surrogate", "5,000 letters", "none"],
)
def test_a_name_of_no_file_is_one_line(name):
    line_of(name)


@pytest.mark.parametrize("model", ["9" * 15_000, "a" * 257, "a" * 300 + "/b", "1" * 257 + "B"])
def test_a_name_longer_than_any_is_unknown(model):
    with pytest.raises(UnknownNameError, match="no name is longer than 256 characters"):
        gpu_fit(model, gpu="T4")
    with pytest.raises(UnknownNameError, match="no name is longer than 256 characters"):
        gpu_fit("llama-3.1-8b", gpu=model)
    with pytest.raises(LLMNumbersError):
        gpu_fit("llama-3.1-8b", gpu="T4", quant=model)


# -- downloads that went wrong -------------------------------------------------------------

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 4976698672\n"
XET = b"# xet version 0\nfilesize = 4976698672\nhash = '4d7a214614ab2935'\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title>" + b" " * 200
SPLIT = "model-0000{}-of-00002.safetensors"
BOTH = {"metadata": {"total_size": 64}, "weight_map": {"a": SPLIT.format(1), "b": SPLIT.format(2)}}
DOWNLOADS = [
    (
        "git clone without git-lfs (microsoft/OmniParser#34)",
        {"model.safetensors": POINTER},
        "run git lfs pull",
    ),
    ("the same of a GGUF file (ollama/ollama#3010)", {"model.gguf": POINTER}, "run git lfs pull"),
    ("the same of a config.json", {"config.json": POINTER}, "run git lfs pull"),
    ("the same of an index", {"model.safetensors.index.json": POINTER}, "run git lfs pull"),
    (
        "git clone without git-xet (huggingface/hub-docs#2048)",
        {"model.safetensors": XET},
        "clone with git-xet",
    ),
    ("wget of /blob/ (ggml-org/llama.cpp#3358)", {"model.gguf": PAGE}, "/resolve/ for /blob/"),
    ("the same of a config.json", {"config.json": PAGE}, "/resolve/ for /blob/"),
    ("zeros for a header (EricTan7/VeritasPP#2)", {"model.safetensors": bytes(4_096)}, "begins with zeros"),
    ("zeros for a GGUF file", {"model.gguf": bytes(4_096)}, "begins with zeros"),
    ("a shard of 0 bytes (modelscope/DiffSynth-Studio#76)", {"model.safetensors": b""}, "an empty file"),
    ("a config.json of 0 bytes", {"config.json": b""}, "an empty file"),
    ("a config.json of spaces", {"config.json": b" \n"}, "not a JSON file"),
    (
        "torch.save under this name (safetensors/safetensors#414)",
        {"model.safetensors": b"PK\3\4" + bytes(99)},
        "ZIP",
    ),
    # The first eight bytes are a length, which may begin with the byte of "<".
    (
        "a header of 60 bytes that is no JSON",
        {"model.safetensors": b"<" + bytes(7) + b"x" * 60},
        "not a .safetensors",
    ),
    (
        "a shard of two is missing (huggingface/huggingface_hub#3371)",
        {"config.json": CONFIG, "model.safetensors.index.json": BOTH, SPLIT.format(1): WEIGHTS},
        "1 of 2 shards are missing",
    ),
    (
        "a shard that stopped (osaurus-ai/vmlx-swift#217)",
        {
            "config.json": CONFIG,
            "model.safetensors.index.json": BOTH,
            SPLIT.format(1): WEIGHTS,
            SPLIT.format(2): WEIGHTS[:-9],
        },
        "cut short, 9 bytes are missing",
    ),
    (
        "bytes behind the last tensor (Comfy-Org/ComfyUI#15602)",
        {"model.safetensors": WEIGHTS + b"x"},
        "belong to none",
    ),
    ("an index alone", {"model.safetensors.index.json": INDEX}, "10,000,000,000 bytes of weights"),
    (
        "an index of no size",
        {"model.safetensors.index.json": {**INDEX, "metadata": {}}},
        "states no total_size",
    ),
    (
        "an index of a text for a size",
        {"model.safetensors.index.json": {**INDEX, "metadata": {"total_size": "1"}}},
        "states no total_size",
    ),
    ("an index of no files", {"model.safetensors.index.json": {"weight_map": {}}}, "names no files"),
    ("an index of numbers", {"model.safetensors.index.json": {"weight_map": {"a": 1}}}, "names no files"),
    (
        "an index of a million files",
        {"model.safetensors.index.json": {"weight_map": dict(enumerate(map(str, range(99_999))))}},
        "99,999 shards, more than any model has",
    ),
    (
        "an index of files elsewhere",
        {"model.safetensors.index.json": {"weight_map": {"a": "../../etc/passwd"}}},
        "states no total_size",
    ),
    (
        "the first shard alone (ggml-org/llama.cpp#6187)",
        {"m-00001-of-00002.gguf": shard(0, 2)},
        "m-00002-of-00002.gguf is missing",
    ),
    (
        "the first shard under another name (ggml-org/llama.cpp#9613)",
        {"llama.gguf": shard(0, 2)},
        "shard 1 of 2; name it",
    ),
    (
        "shards in each other's place",
        {"m-00001-of-00002.gguf": shard(1, 2), "m-00002-of-00002.gguf": shard(0, 2)},
        "by its keys shard 2 of 2; name it",
    ),
    (
        "shards of two models",
        {"m-00001-of-00002.gguf": shard(0, 2), "m-00002-of-00002.gguf": shard(1, 3)},
        "shard 2 of 3",
    ),
    (
        "fewer tensors than the keys count (ggml-org/llama.cpp#5518)",
        {"m-00001-of-00002.gguf": shard(0, 2, total=3), "m-00002-of-00002.gguf": shard(1, 2, "b", 3)},
        "2 tensors, and 3 by its keys",
    ),
    ("a name of 99,999 shards", {"m-00001-of-99999.gguf": GGUF}, "99,999 shards, more than any model has"),
    ("a name of no shards", {"m-00000-of-00000.gguf": GGUF}, "0 shards, more than any model has"),
    (
        "an index of two million lists",
        {"model.safetensors.index.json": b'{"weight_map":[' + b"[]," * 2_000_000 + b"[]]}"},
        "more values than that of any model",
    ),
    (
        "a config.json of a million lists",
        {"config.json": b'{"a":[' + b"[]," * 1_000_000 + b"[]]}"},
        "more values",
    ),
    ("nothing", {"README.md": b"# A model"}, "no config.json, .safetensors or .gguf file there"),
]


@pytest.mark.parametrize(
    ("files", "words"), [each[1:] for each in DOWNLOADS], ids=[each[0] for each in DOWNLOADS]
)
def test_a_download_that_went_wrong_is_told(tmp_path, files, words):
    make_files(tmp_path, files)
    assert words in line_of(tmp_path)


def test_the_two_shards_of_a_gguf_file_are_one_model(tmp_path):
    make_files(tmp_path, {"m-00001-of-00002.gguf": shard(0, 2), "m-00002-of-00002.gguf": shard(1, 2, "b")})
    for name in ("", "m-00001-of-00002.gguf", "m-00002-of-00002.gguf"):
        assert gpu_fit(str(tmp_path / name), gpu="T4")["weights_bytes"].value == 64


@pytest.mark.parametrize(
    "name", ["sha256-9999d473417a8e17", "model.gguf.part1of2", "4d7a2146.incomplete", "model.bin"]
)
def test_a_gguf_file_of_any_name_is_read(tmp_path, name):
    """Ollama's and ramalama's blobs have no ending (lmstudio-ai/lms#347); oobabooga/textgen#6080."""
    make_files(tmp_path, {name: GGUF})
    assert gpu_fit(str(tmp_path / name), gpu="T4")["weights_bytes"].value == 96
    make_files(tmp_path, {"cut.gguf.part": GGUF[:-40]})
    fit = gpu_fit(str(tmp_path / "cut.gguf.part"), gpu="T4")
    assert any("cut short, 40 bytes are missing" in note.text for note in fit.notes)


def test_a_safetensors_file_of_any_name_is_read(tmp_path):
    """A blob of the Hugging Face cache's, which has its content's hash for a name."""
    make_files(tmp_path, {"4d7a2146": WEIGHTS, "4d7a2146.incomplete": WEIGHTS[:-1]})
    assert gpu_fit(str(tmp_path / "4d7a2146"), gpu="T4")["weights_bytes"].value == 32
    assert "cut short, 1 bytes are missing" in line_of(tmp_path / "4d7a2146.incomplete")


def test_an_index_with_a_config_knows_the_weights(tmp_path):
    make_files(tmp_path, {"model.safetensors.index.json": INDEX, "config.json": CONFIG})
    assert gpu_fit(str(tmp_path), gpu="T4")["weights_bytes"].value == 10_000_000_000


def test_a_gguf_file_says_which_layers_have_no_tensors(tmp_path):
    """An export that left some out, which llama.cpp refuses at its first missing tensor."""
    make_files(tmp_path, {"model.gguf": GGUF.replace(b"block_count\4\0\0\0\1", b"block_count\4\0\0\0\3")})
    fit = gpu_fit(str(tmp_path), gpu="T4")
    assert any("what is missing from 2 of its 3 layers is not counted" in note.text for note in fit.notes)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"llama.block_count", b"llama.block_cound", "no llama.block_count"),
        (
            b"block_count\4\0\0\0\1",
            b"block_count\4\0\0\0\0",
            "llama.block_count is 0, not a whole number from 1",
        ),
        (b"llama.embedding_length", b"llama.embedding_lengtj", "no llama.embedding_length"),
        (b"llama.attention.head_count", b"llama.attention.head_counu", "no llama.attention.head_count_kv"),
        (b"general.architecture", b"general.architecturf", "does not name its architecture"),
    ],
)
def test_a_key_that_the_architecture_needs_is_named(tmp_path, old, new, words):
    assert old in GGUF
    make_files(tmp_path, {"model.gguf": GGUF.replace(old, new)})
    assert words in line_of(tmp_path)


# -- objects -------------------------------------------------------------------------------


def tensor(*shape, width=2):
    return SimpleNamespace(shape=shape, dtype="torch.float16", element_size=lambda: width)


def module(parameters):
    return SimpleNamespace(named_parameters=parameters)


class Failing:
    @property
    def config(self):
        raise RuntimeError("\x1b]0;pwn\x07\n")


MODULES = [
    ("endless", module(lambda: ((str(n), tensor(1)) for n in itertools.count())), "more than 300,000"),
    ("its code fails", Failing(), "its own code fails (RuntimeError)"),
    ("its parameters fail", module(lambda: 1 / 0), "its own code fails (ZeroDivisionError)"),
    ("its parameters are numbers", module(lambda: [1, 2]), "its own code fails (TypeError)"),
    ("an infinite size", module(lambda: [("a", tensor(float("inf")))]), "give a torch module"),
    ("a negative size", module(lambda: [("a", tensor(-3, 4))]), "give a torch module"),
    ("a size of 400 digits", module(lambda: [("a", tensor(10**400))]), "give a torch module"),
    ("a width of 400 digits", module(lambda: [("a", tensor(3, width=10**400))]), "give a torch module"),
    ("a field of 5,000 digits", {**CONFIG, "hidden_size": 10**5_000}, "hidden_size is a number of thousands"),
    ("keys that are numbers", {1: 2}, "no model_type"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "words"), [each[1:] for each in MODULES], ids=[each[0] for each in MODULES]
)
def test_an_object_that_misbehaves_is_one_line(value, words):
    with pytest.raises(LLMNumbersError) as caught:
        gpu_fit(value, gpu="T4")
    assert words in str(caught.value)
    assert str(caught.value).isprintable()


def test_one_bad_shard_is_named(tmp_path):
    make_files(tmp_path, {"a.safetensors": WEIGHTS, "b.safetensors": safetensors_bytes(b"{}", 0)})
    assert "b.safetensors: its header names no tensors" in line_of(tmp_path)
    with pytest.raises(LLMNumbersError, match=r"b\.safetensors"):
        read_checkpoint(str(tmp_path), gguf_types())
