"""GGUF headers: what the format's own writer makes is read; what llama.cpp refuses is refused in one line.

The kinds of damage are those of llama.cpp's tests/test-gguf.cpp: magic, version, counts, keys, types,
alignment, and a tensor's name, shape, type and offset.
"""

from __future__ import annotations

import struct

import pytest
from builders import Gguf
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.catalog.open_models.from_files import gguf_types
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.probes.checkpoints._gguf import read_gguf


def read(tmp_path, content):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    return read_gguf(path, gguf_types())


def test_what_the_format_s_own_writer_makes_is_read(tmp_path):
    gguf = pytest.importorskip("gguf")
    numpy = pytest.importorskip("numpy")
    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(2)
    writer.add_token_list([f"word{n}" for n in range(5_000)])
    writer.add_custom_alignment(64)
    blocks = numpy.zeros((8, 144 * 2), dtype=numpy.uint8)
    writer.add_tensor("token_embd.weight", blocks, raw_dtype=gguf.GGMLQuantizationType.Q4_K)
    writer.add_tensor("output_norm.weight", numpy.zeros(7, dtype=numpy.float32))
    writer.add_tensor("output.weight", numpy.zeros((3, 5), dtype=numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    ours = read_gguf(path, gguf_types())
    theirs = gguf.GGUFReader(path)
    assert [(each.name, list(each.shape), each.bytes) for each in ours.tensors] == [
        (each.name, each.shape.tolist(), each.n_bytes) for each in theirs.tensors
    ]
    assert ours.missing_bytes == 0
    assert ours.keys["llama.block_count"] == 2
    assert len(ours.keys["tokenizer.ggml.tokens"]) == 5_000
    assert {*ours.keys} == {key for key in theirs.fields if not key.startswith("GGUF.")}


DAMAGE = [
    ("a bad magic", Gguf(magic=b"GGUX"), "not a .gguf file"),
    ("nothing", b"", "an empty file"),
    ("version 0", Gguf(version=0), "version 0 is not known"),
    ("version 1", Gguf(version=1), "version 1 is not known"),
    ("version 4", Gguf(version=4), "version 4 is not known"),
    ("big-endian", Gguf(version=3 << 24), "big-endian"),
    ("2^63 tensors", Gguf(n_tensors=2**63), "more tensors or keys"),
    ("a tensor more than there are", Gguf(n_tensors=4), "its header is broken"),
    ("2^63 keys", Gguf(n_keys=2**63), "more tensors or keys"),
    ("a key of 2^40 bytes", Gguf(keys=[struct.pack("<Q", 2**40)]), "longer than the file"),
    ("a key twice", Gguf(keys=[("a", 4, 1), ("a", 4, 2)]), "key 'a' is there twice"),
    ("a value of type 99", Gguf(keys=[("a", 99, 1)]), "a type that is not known"),
    ("a list of lists", Gguf(keys=[("a", 9, struct.pack("<IQ", 9, 1))]), "something else than numbers"),
    ("a list of type 99", Gguf(keys=[("a", 9, struct.pack("<IQ", 99, 1))]), "something else than numbers"),
    ("a list of 2^60 numbers", Gguf(keys=[("a", 9, struct.pack("<IQ", 4, 2**60))]), "longer than the file"),
    ("a list of 2^60 texts", Gguf(keys=[("a", 9, struct.pack("<IQ", 8, 2**60))]), "longer than the file"),
    ("an alignment of 0", Gguf(keys=[("general.alignment", 4, 0)]), "no power of two"),
    ("an alignment of 12", Gguf(keys=[("general.alignment", 4, 12)]), "no power of two"),
    ("an alignment of 2^31", Gguf(keys=[("general.alignment", 4, 2**31)]), "no power of two"),
    ("an alignment that is a text", Gguf(keys=[("general.alignment", 8, b"\1" + bytes(7) + b"x")]), "power"),
    ("five dimensions", Gguf(shape=(1, 1, 1, 1, 1)), "more than four dimensions"),
    ("2^32 - 1 dimensions", Gguf(n_dimensions=2**32 - 1), "more than four dimensions"),
    ("a row of 0", Gguf(shape=(0, 4)), "a shape that no model has"),
    ("a row of -1", Gguf(shape=(2**64 - 1,)), "a shape that no model has"),
    ("sizes whose product overflows", Gguf(shape=(2**36, 2**36)), "a shape that no model has"),
    ("a row that is no whole block", Gguf(shape=(255,), kind=12), "not whole blocks of q4_k"),
    ("a type of nobody's", Gguf(kind=200), "has type 200, which is not known"),
    ("a tensor twice", Gguf(names=("a", "b", "a")), "it is there twice"),
    ("an offset that is not aligned", Gguf(offsets=(0, 33, 64)), "does not follow the data"),
    ("two tensors of one place", Gguf(offsets=(0, 0, 32)), "does not follow the data"),
    ("an offset of 2^60", Gguf(offsets=(2**60, 32, 64)), "does not follow the data"),
    # wget of a page's address, which has /blob/ in it (ggml-org/llama.cpp#3358).
    ("a web page", b"<!doctype html>\n<html class=''><head><meta charset='utf-8' />", "/resolve/ for /blob/"),
    # "invalid magic number 67676a74" (ggml-org/llama.cpp#3492).
    ("a file of 2023", struct.pack("<II", 0x67676A74, 3) + bytes(100), "a GGML file of 2023"),
    ("a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", "git lfs pull"),
    ("a safetensors file", struct.pack("<Q", 40) + b'{"a":' + bytes(50), "not a .gguf file"),
]


def as_bytes(content):
    return content if isinstance(content, bytes) else bytes(content)


@pytest.mark.parametrize(
    ("content", "words"), [each[1:] for each in DAMAGE], ids=[each[0] for each in DAMAGE]
)
def test_damage_is_one_line(tmp_path, content, words):
    with pytest.raises(LLMNumbersError) as caught:
        read(tmp_path, as_bytes(content))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_a_file_as_it_should_be(tmp_path):
    found = read(tmp_path, bytes(Gguf()))
    assert [each.name for each in found.tensors] == ["a", "b", "c"]
    assert found.missing_bytes == 0


def test_the_last_tensor_needs_no_padding(tmp_path):
    """Files whose end is not aligned are loaded by llama.cpp (ollama/ollama#8456)."""
    assert read(tmp_path, bytes(Gguf(shape=(7,)))[:-4]).missing_bytes == 0
    assert read(tmp_path, bytes(Gguf(shape=(7,)))[:-5]).missing_bytes == 1


def test_a_download_that_stopped_is_estimated_and_told(tmp_path):
    """Its header says what it will take; no engine loads it (ggml-org/llama.cpp#6885, janhq/jan#3521)."""
    keys = [("general.architecture", 8, struct.pack("<Q", 5) + b"llama"), ("llama.block_count", 4, 1)]
    keys += [("llama.embedding_length", 4, 8), ("llama.attention.head_count", 4, 1)]
    whole = bytes(Gguf(keys=keys, names=("token_embd.weight", "output.weight", "blk.0.attn_k.weight")))
    path = tmp_path / "model.gguf"
    path.write_bytes(whole[:-40])
    fit = gpu_fit(str(path), gpu="T4")
    assert fit["weights_bytes"].value == 3 * 8 * 4
    assert any("cut short, 40 bytes are missing" in note.text for note in fit.notes)
    path.write_bytes(whole)
    assert not any("cut short" in note.text for note in gpu_fit(str(path), gpu="T4").notes)


def test_a_vocabulary_larger_than_any_is_not_walked_through(tmp_path):
    """4 GB of a sparse file, as a list of half a billion empty texts."""
    path = tmp_path / "model.gguf"
    texts = struct.pack("<IQ", 8, 500_000_000)
    path.write_bytes(bytes(Gguf(keys=[("tokenizer.ggml.tokens", 9, texts)], names=())))
    with path.open("r+b") as file:
        file.truncate(4_100_000_000)
    with pytest.raises(LLMNumbersError, match="longer than any vocabulary"):
        read_gguf(path, gguf_types())


WHOLE = bytes(Gguf(keys=[("general.architecture", 8, struct.pack("<Q", 5) + b"llama"), ("b", 7, b"\1")]))


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=3), st.integers(0, 400)
)
def test_any_bytes_are_an_answer_or_one_line(tmp_path_factory, changes, cut):
    content = bytearray(WHOLE)
    for place, byte in changes:
        content[place] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.gguf"
    path.write_bytes(content[: len(content) - cut if cut < len(content) else None])
    try:
        found = read_gguf(path, gguf_types())
    except LLMNumbersError as error:
        if "\n" in str(error):
            raise
    else:
        assert all(each.params > 0 and each.bytes >= 0 for each in found.tensors)
