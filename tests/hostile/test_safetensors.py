"""Our reader of .safetensors headers beside the format's own library: what it refuses, we refuse."""

from __future__ import annotations

import copy
import json
import struct

import pytest
from builders import TENSORS, safetensors_bytes
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.probes.checkpoints._safetensors import read_safetensors

safetensors = pytest.importorskip("safetensors")


def changed(**fields):
    """The good header with fields of its first tensor changed."""
    return {**TENSORS, "a": {**TENSORS["a"], **fields}}


def verdicts(path, content):
    """What the library and what our reader say of a file: None where it is accepted."""
    path.write_bytes(content)
    try:
        read_safetensors(path)
        ours = None
    except LLMNumbersError as error:
        ours = str(error)
        assert "\n" not in ours
        assert len(ours) < 700
    try:
        safetensors.deserialize(content)
        theirs = None
    except safetensors.SafetensorError as error:
        theirs = str(error)
    return ours, theirs


TEXT = json.dumps(TENSORS)
EMPTY = {"dtype": "F16", "shape": [0], "data_offsets": [12, 12]}
HOLE = {"dtype": "F32", "shape": [4], "data_offsets": [16, 32]}
# One row per attack: what it is, the file, and words of the line that it gets.
ATTACKS = [
    ("a shape of 1e999", safetensors_bytes(TEXT.replace("[2, 3]", "[1e999]").encode()), "too large"),
    ("a shape of true", safetensors_bytes(changed(shape=[True, 6])), "no list of sizes"),
    ("a shape of 6.0", safetensors_bytes(changed(shape=[6.0])), "no list of sizes"),
    ("a shape of texts", safetensors_bytes(changed(shape=["6"])), "no list of sizes"),
    ("a negative size", safetensors_bytes(changed(shape=[-6])), "no list of sizes"),
    ("a shape of null", safetensors_bytes(changed(shape=None)), "no list of sizes"),
    ("a size of 2^64", safetensors_bytes(changed(shape=[2**64])), "no list of sizes"),
    ("sizes whose product overflows", safetensors_bytes(changed(shape=[2**40, 2**40])), "other bytes than"),
    ("fewer bytes than the shape", safetensors_bytes(changed(shape=[2, 4])), "other bytes than"),
    ("an offset of 1e999", safetensors_bytes(TEXT.replace("[0, 12]", "[0, 1e999]").encode()), "too large"),
    ("three offsets", safetensors_bytes(changed(data_offsets=[0, 6, 12])), "two whole numbers"),
    ("an end before its begin", safetensors_bytes(changed(data_offsets=[12, 0])), "other bytes than"),
    ("half a byte", safetensors_bytes(changed(dtype="F4", shape=[23], data_offsets=[0, 12])), "other bytes"),
    ("a type of nobody's", safetensors_bytes(changed(dtype="F17")), "a type that is not known"),
    ("a type in small letters", safetensors_bytes(changed(dtype="f16")), "a type that is not known"),
    ("no type", safetensors_bytes({"a": {"shape": [2, 3], "data_offsets": [0, 12]}}, 12), "not known"),
    ("a tensor that is a list", safetensors_bytes({**TENSORS, "a": [1]}), "not known"),
    ("a hole", safetensors_bytes({"a": TENSORS["a"], "b": HOLE}), "does not begin where"),
    ("two tensors of one place", safetensors_bytes({**TENSORS, "d": TENSORS["a"]}), "does not begin where"),
    ("a first tensor that begins late", safetensors_bytes({"b": TENSORS["b"]}, 28), "does not begin where"),
    ("bytes behind the last tensor", safetensors_bytes(TENSORS, 33), "1 bytes behind its last tensor"),
    # "MetadataIncompleteBuffer": the first shard had 4.07 of 4.97 GB (PersuGPT/PersuGPT.github.io#2).
    ("a download that stopped", safetensors_bytes(TENSORS, 22), "cut short, 10 bytes are missing"),
    ("a header longer than the file", safetensors_bytes(TENSORS, 0, 10**6), "not a .safetensors file"),
    # Written with 1.29 million tensors, and refused by its own library (safetensors/safetensors#668).
    ("a header of 132 MB", safetensors_bytes(TENSORS, 0, 132_095_296), "not a .safetensors file"),
    ("a header of 100 MB and a byte", safetensors_bytes(TENSORS, 0, 10**8 + 1), "not a .safetensors file"),
    ("2^63 bytes of header", safetensors_bytes(TENSORS, 32, 2**63), "not a .safetensors file"),
    ("seven bytes", b"\1" * 7, "not a .safetensors file"),
    ("no bytes", b"", "an empty file"),
    ("a list", safetensors_bytes([1]), "not a .safetensors file"),
    ("a byte order mark", safetensors_bytes(b"\xef\xbb\xbf" + TEXT.encode()), "not a .safetensors file"),
    ("NaN", safetensors_bytes(TEXT.replace("[2, 3]", "NaN").encode()), "NaN is no value of JSON"),
    ("bytes that are no UTF-8", safetensors_bytes(TEXT.encode().replace(b'"b"', b'"\xff"')), "is not UTF-8"),
    ("lists in lists", safetensors_bytes(changed(x=json.loads("[" * 200 + "]" * 200))), "nested deeper"),
    ("a field twice", safetensors_bytes(TEXT.replace('"F16"', '"F16", "dtype": "F16"').encode()), "twice"),
    ("metadata of numbers", safetensors_bytes({**TENSORS, "__metadata__": {"step": 3}}), "else than texts"),
    ("metadata that is a text", safetensors_bytes({**TENSORS, "__metadata__": "pt"}), "else than texts"),
    ("something behind the header's end", safetensors_bytes(TEXT.encode() + b"x"), "Extra data"),
    ("digits without an end", safetensors_bytes(TEXT.replace("2, 3", "9" * 5000).encode()), "digits"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"), [each[1:] for each in ATTACKS], ids=[each[0] for each in ATTACKS]
)
def test_an_attack_is_one_line_as_the_library_refuses_it(tmp_path, content, words):
    ours, theirs = verdicts(tmp_path / "model.safetensors", content)
    assert ours is not None
    assert words in ours
    assert theirs is not None


GOOD = [
    ("as it is", safetensors_bytes(TENSORS)),
    ("in another order", safetensors_bytes(dict(reversed(TENSORS.items())))),
    ("spaces around the header", safetensors_bytes(f"  {TEXT} \n".encode())),
    ("metadata", safetensors_bytes({"__metadata__": {"format": "pt"}, **TENSORS})),
    ("no metadata", safetensors_bytes({"__metadata__": None, **TENSORS})),
    ("a field that is not known", safetensors_bytes(changed(codec="none"))),
    ("an empty tensor", safetensors_bytes({**TENSORS, "z": EMPTY})),
    ("a number alone", safetensors_bytes({"a": {"dtype": "I64", "shape": [], "data_offsets": [0, 8]}}, 8)),
]  # fmt: skip


@pytest.mark.parametrize("content", [each[1] for each in GOOD], ids=[each[0] for each in GOOD])
def test_what_the_library_loads_is_read(tmp_path, content):
    assert verdicts(tmp_path / "model.safetensors", content) == (None, None)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**66), 2**66),
    st.sampled_from([0, 1, 4, 12, 28, 32]),
    st.floats(),
    st.sampled_from(["F16", "F32", "BF16", "F6_E2M3", "BOOL", "x", ""]),
    st.lists(st.one_of(st.sampled_from([0, 1, 2, 12, 28, 32]), st.floats(), st.booleans()), max_size=4),
    st.just({}),
)
FIELDS = st.sampled_from(["dtype", "shape", "data_offsets", "new"])


@st.composite
def damaged(draw):
    """A good file with one thing wrong, or with nothing wrong."""
    header = copy.deepcopy(TENSORS)
    name = draw(st.sampled_from(["a", "b", "c"]))
    match draw(st.sampled_from(["field", "remove", "tensor", "metadata", "bytes", "cut", "longer"])):
        case "field":
            header[name][draw(FIELDS)] = draw(VALUES)
        case "remove":
            del header[name][draw(st.sampled_from(["dtype", "shape", "data_offsets"]))]
        case "tensor":
            header[name] = draw(VALUES)
        case "metadata":
            header["__metadata__"] = draw(VALUES)
        case "bytes":
            content = bytearray(safetensors_bytes(header))
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
            return bytes(content)
        case "cut":
            return safetensors_bytes(header)[: draw(st.integers(0, 250))]
        case "longer":
            return safetensors_bytes(header) + bytes(draw(st.integers(0, 4)))
    return safetensors_bytes(header)


@given(damaged())
def test_both_accept_a_file_or_both_refuse_it(tmp_path_factory, content):
    ours, theirs = verdicts(tmp_path_factory.getbasetemp() / "damaged.safetensors", content)
    if theirs is None and ours is not None:
        # A file without a tensor is one that its library takes, and no model.
        assert "names no tensors" in ours
    else:
        assert (ours is None) == (theirs is None), (ours, theirs)


def test_a_header_of_100_mb_takes_no_gigabytes(tmp_path):
    """What a header claims to hold is counted before it is parsed."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_bytes(b'{"a":[' + b"[]," * 33_000_000 + b"[]]}", 0))
    with pytest.raises(LLMNumbersError, match="longer than that of any model"):
        read_safetensors(path)


# -- what lies in the place of the weights ----------------------------------------------

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 4976698672\n"
MISTAKEN = [
    # "HeaderTooLarge": cloned without git-lfs (microsoft/OmniParser#34, turboderp/exllama#242).
    (POINTER, "run git lfs pull"),
    # A login page under the model's name (deepbeepmeep/Wan2GP#1805).
    (b"<!DOCTYPE html>\n<html><head><title>Sign in</title>" + b" " * 200, "a web page"),
    # The error of a server that wants a key (artokun/comfyui-mcp#473).
    (b'{"error":"Invalid username or password."}' + b" " * 20, "a JSON text"),
    # torch.save, of today and of before 2020.
    (b"PK\x03\x04" + b"\0" * 100, "convert it to safetensors"),
    (b"\x80\x02\x8a\x0a" + b"\0" * 100, "convert it to safetensors"),
    (b"GGUF\x03\0\0\0" + b"\0" * 100, "name it .gguf"),
    # A file that a client made at full length and did not fill.
    (b"\0" * 1_000, "begins with zeros"),
]


@pytest.mark.parametrize(("content", "words"), MISTAKEN, ids=[words for _, words in MISTAKEN])
def test_a_file_that_is_something_else_is_told(tmp_path, content, words):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(LLMNumbersError) as caught:
        read_safetensors(path)
    assert words in str(caught.value)
    assert struct.unpack("<Q", content[:8])[0] != 0 or "zeros" in words
