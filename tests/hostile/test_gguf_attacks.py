"""Each kind of damage of llama.cpp's tests/test-gguf.cpp, crossed with what the file holds.

And every field of a good file, replaced by numbers at the ends of what it can hold.
"""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from builders_gguf import (
    F32,
    I8,
    LIST,
    NUMBERS,
    Q4_K,
    Q8_0,
    STRING,
    File,
    Key,
    Tensor,
    alignment_key,
    list_of,
    number_key,
    text,
)
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.catalog.open_models.from_files import gguf_types
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.probes.checkpoints._gguf import read_gguf

ALL_KINDS = (
    *(number_key(b"number %d" % kind, kind, 1) for kind in NUMBERS),
    *(
        Key(b"list %d" % kind, LIST, list_of(kind, 3, struct.pack(f"<3{form}", 0, 1, 1)))
        for kind, form in NUMBERS.items()
    ),
    Key(b"text", STRING, text(b"llama")),
    Key(b"texts", LIST, list_of(STRING, 2, text(b"") + text(b"a b"))),
    Key(b"no texts", LIST, list_of(STRING, 0, b"")),
    Key(b"a vocabulary", LIST, list_of(STRING, 9_000, text(b"word") * 9_000)),
    Key(b"its scores", LIST, list_of(6, 9_000, bytes(4 * 9_000))),
)
TENSORS = (
    Tensor(b"a", (8,)),
    Tensor(b"b", (64, 3), Q8_0),
    Tensor(b"c", (512, 1, 2, 3), Q4_K),
    Tensor(b"d", (), F32),
    Tensor(b"e", (5,), I8),
)
FILES = {
    "no keys": File(tensors=TENSORS),
    "all keys": File(ALL_KINDS, TENSORS),
    "version 2": File(ALL_KINDS, TENSORS, version=2),
    "an alignment of 64": File((alignment_key(64),), TENSORS, 64),
    "an alignment of 1": File((*ALL_KINDS, alignment_key(1)), TENSORS, 1),
}


def read(path, content):
    path.write_bytes(content)
    try:
        return read_gguf(path, gguf_types())
    except LLMNumbersError as error:
        if not str(error).isprintable() or len(str(error)) > 700:
            pytest.fail(f"no line: {error}")
        raise


@pytest.mark.parametrize("name", FILES)
def test_a_good_file_is_read(tmp_path, name):
    file = FILES[name]
    found = read(tmp_path / "model.gguf", file.written())
    assert [(each.name.encode(), each.shape, each.bytes) for each in found.tensors] == [
        (each.name, each.shape, each.n_bytes) for each in file.tensors
    ]
    assert {*found.keys} == {key.name.decode() for key in file.keys}
    assert found.missing_bytes == 0
    if "list 4" in found.keys:
        assert found.keys["list 4"] == [0, 1, 1]
        assert len(found.keys["a vocabulary"]) == len(found.keys["its scores"]) == 9_000


FAR = 2**63 - 1
# What is damaged, how, and words of the line; the names are those of test-gguf.cpp.
DAMAGE = {
    "HEADER_BAD_MAGIC": (lambda file: replace(file, magic=b"FUGG"), "not a .gguf file"),
    "HEADER_BAD_VERSION_0": (lambda file: replace(file, version=0), "version 0 is not known"),
    "HEADER_BAD_VERSION_1": (lambda file: replace(file, version=1), "version 1 is not known"),
    "HEADER_BAD_VERSION_FUTURE": (lambda file: replace(file, version=4), "version 4 is not known"),
    # ggml-org/llama.cpp#13943: no engine here reads the other order of bytes.
    "HEADER_BAD_ENDIAN": (lambda file: replace(file, version=3 << 24), "big-endian"),
    "HEADER_BAD_N_TENSORS": (lambda file: replace(file, n_tensors=2**64 - 1), "more tensors or keys"),
    "HEADER_BAD_N_KV": (lambda file: replace(file, n_keys=2**64 - 1), "more tensors or keys"),
    "one tensor more": (lambda file: replace(file, n_tensors=6), "broken"),
    "one key more": (lambda file: replace(file, n_keys=len(file.keys) + 1), ""),
    "KV_EMPTY_KEY": (lambda file: file.with_key(Key(b"", 4, bytes(4))), "a key has no name"),
    "KV_BAD_KEY_SIZE": (
        lambda file: file.with_key(Key(b"x" * 65_536, 4, bytes(4))),
        "a name of 65,536 bytes",
    ),
    "KV_BAD_TYPE": (lambda file: file.with_key(Key(b"x", 13, bytes(4))), "a type that is not known"),
    "a list of lists": (
        lambda file: file.with_key(Key(b"x", LIST, list_of(LIST, 1, bytes(12)))),
        "something else",
    ),
    "a list of type 13": (
        lambda file: file.with_key(Key(b"x", LIST, list_of(13, 1, bytes(12)))),
        "something else",
    ),
    "KV_DUPLICATE_KEY": (
        lambda file: file.with_key(Key(b"x", 4, bytes(4)), Key(b"x", 5, bytes(4))),
        "key 'x' is there twice",
    ),
    "KV_BAD_ALIGN": (lambda file: with_alignment(file, alignment_key(13)), "no power of two"),
    "an alignment of 0": (lambda file: with_alignment(file, alignment_key(0)), "no power of two"),
    "an alignment of 2^31": (lambda file: with_alignment(file, alignment_key(2**31)), "no power of two"),
    "KV_WRONG_TYPE_ALIGN": (lambda file: with_alignment(file, alignment_key(32, 5)), "no power of two"),
    "an alignment of 64 bits": (lambda file: with_alignment(file, alignment_key(32, 10)), "no power of two"),
    "an alignment that is true": (lambda file: with_alignment(file, alignment_key(1, 7)), "no power of two"),
    "an alignment that is a list": (
        lambda file: with_alignment(file, Key(b"general.alignment", LIST, list_of(4, 1, bytes(4)))),
        "no power",
    ),
    "TENSORS_BAD_NAME_SIZE": (lambda file: file.with_tensor(name=b"n" * 64), "a name of 64 bytes"),
    "TENSORS_BAD_N_DIMS": (lambda file: file.with_tensor(shape=(1, 1, 1, 1, 5)), "more than four dimensions"),
    "TENSORS_BAD_SHAPE": (lambda file: file.with_tensor(shape=(2**64 - 1,)), "a shape that no model has"),
    # llama.cpp reads it, as of 2026, and no model has one.
    "TENSORS_ZERO_DIM": (lambda file: file.with_tensor(shape=(5, 0)), "a shape that no model has"),
    "TENSORS_NE_TOO_BIG": (lambda file: file.with_tensor(shape=(4, FAR, 1, 1)), "a shape that no model has"),
    "a product past 64 bits": (
        lambda file: file.with_tensor(shape=(2**40,) * 4),
        "a shape that no model has",
    ),
    "TENSORS_NBYTES_TOO_BIG": (
        lambda file: file.with_tensor(shape=(2**40, 2**23)),
        "a shape that no model has",
    ),
    "TENSORS_BAD_TYPE": (lambda file: file.with_tensor(kind=(99, 1, 1)), "type 99, which is not known"),
    "a type that was removed": (lambda file: file.with_tensor(kind=(4, 1, 1)), "type 4, which is not known"),
    "TENSORS_BAD_OFFSET": (lambda file: file.with_tensor(offset=1 << 40), "does not follow the data"),
    "an offset of -1": (lambda file: file.with_tensor(offset=2**64 - 1), "does not follow the data"),
    "an offset before": (lambda file: file.with_tensor(offset=0), "does not follow the data"),
    # ggml-org/llama.cpp#6836: files with two tensors of one name were given out.
    "TENSORS_DUPLICATE_NAME": (lambda file: file.with_tensor(name=b"a"), "'a': it is there twice"),
    "a row that is no whole block": (
        lambda file: file.with_tensor(shape=(33,), kind=Q8_0),
        "whole blocks of q8_0",
    ),
    "TENSORS_INCONSISTENT_ALIGN": (
        lambda file: File(file.keys, file.tensors, 16 if file.alignment == 1 else 1).written(),
        "does not follow",
    ),
}


def with_alignment(file, key):
    keys = tuple(each for each in file.keys if each.name != key.name)
    return replace(file, keys=(*keys, key))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_each_damage_of_each_file_is_one_line(tmp_path, damage, name):
    change, words = DAMAGE[damage]
    changed = change(FILES[name])
    with pytest.raises(LLMNumbersError) as caught:
        read(tmp_path / "model.gguf", changed if isinstance(changed, bytes) else changed.written())
    assert words in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_ends_at_any_place_is_a_line_or_says_how_much_is_missing(tmp_path, name):
    whole = FILES[name].written()
    header = len(b"".join(FILES[name].fields()))
    needed = len(whole) - (-FILES[name].tensors[-1].n_bytes) % FILES[name].alignment
    for end in {*range(min(header, 900)), *range(max(0, header - 300), len(whole) + 1, 7), len(whole)}:
        try:
            found = read(tmp_path / "model.gguf", whole[:end])
        except LLMNumbersError:
            assert end < header
        else:
            assert end >= header
            assert found.missing_bytes == max(0, needed - end)


@pytest.mark.parametrize(
    "key",
    [
        Key(b"x", STRING, text(b"four")),
        Key(b"x", STRING, text(b"x" * (2 << 20))),
        Key(b"x", LIST, list_of(STRING, 2, text(b"four") * 2)),
        Key(b"x", LIST, list_of(STRING, 5_000, text(b"four") * 5_000)),
        Key(b"x", LIST, list_of(4, 5_000, bytes(20_000))),
        Key(b"x", LIST, list_of(4, 5, bytes(20))),
    ],
    ids=["text", "long text", "texts", "vocabulary", "long list", "list"],
)
def test_a_value_at_the_very_end_is_whole(tmp_path, key):
    """Of a file without tensors nothing follows that would miss the last byte."""
    whole = b"".join(File((key,)).fields())
    assert "x" in read(tmp_path / "model.gguf", whole).keys
    with pytest.raises(LLMNumbersError, match=r"longer than the file|it ends within"):
        read(tmp_path / "model.gguf", whole[:-1])


SMALL = File(
    (
        Key(b"general.architecture", STRING, text(b"llama")),
        Key(b"texts", LIST, list_of(STRING, 2, text(b"a") + text(b"b"))),
        Key(b"numbers", LIST, list_of(4, 3, bytes(12))),
        alignment_key(32),
    ),
    TENSORS[:3],
)
FIELDS = SMALL.fields()
ENDS = [
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    9,
    12,
    13,
    31,
    32,
    63,
    64,
    255,
    2**15,
    2**16,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**40,
    FAR,
]
ENDS += [2**63, 2**64 - 1]


@st.composite
def damaged(draw):
    """The fields of a good file with one replaced by another number, a longer text, or nothing."""
    fields, place = list(FIELDS), draw(st.integers(0, len(FIELDS) - 1))
    width = len(fields[place])
    if draw(st.booleans()) and width in (4, 8):
        number = draw(st.sampled_from(ENDS) | st.integers(0, 2**64 - 1))
        fields[place] = (number % 2 ** (8 * width)).to_bytes(width, "little")
    else:
        fields[place] = draw(st.binary(max_size=40))
    return SMALL.written(fields)[: draw(st.sampled_from([None, None, None, 100, 200, 300]))]


@given(damaged())
def test_any_field_damaged_is_an_answer_or_one_line(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "one.gguf"
    try:
        found = read(path, content)
    except LLMNumbersError:
        return
    end = 0
    for each in found.tensors:
        assert each.params > 0
        assert len(each.shape) <= 4
        end += each.bytes
    assert end <= len(content) + found.missing_bytes


@given(damaged())
def test_what_the_format_s_own_reader_reads_too_is_read_alike(tmp_path_factory, content):
    gguf = pytest.importorskip("gguf")
    path = tmp_path_factory.getbasetemp() / "alike.gguf"
    try:
        ours = read(path, content)
        theirs = gguf.GGUFReader(path)
    except Exception:  # it raises whatever numpy does
        return
    assert [(each.name, each.bytes) for each in ours.tensors] == [
        (each.name, each.n_bytes) for each in theirs.tensors
    ]


# -- time and memory -----------------------------------------------------------------------


def keys_of(n, value, kind=LIST):
    return File(tuple(Key(b"%d" % number, kind, value) for number in range(n)))


LONG = {
    "10,000 lists of 4,096 numbers": (
        keys_of(10_000, list_of(0, 4_096, bytes(4_096))),
        "longer than any vocab",
    ),
    "1,000 lists of 4,097 texts": (
        keys_of(1_000, list_of(STRING, 4_097, bytes(8 * 4_097))),
        "longer than any vocab",
    ),
    "90,000 lists of 100 texts": (keys_of(90_000, list_of(STRING, 100, bytes(800))), "longer than any vocab"),
    "100 texts of 1 MiB": (keys_of(100, text(b"x" * (1 << 20)), STRING), "its texts are longer than those"),
    "long texts in a list": (
        keys_of(1, list_of(STRING, 70_000, text(b"x" * 5_000) * 70_000)),
        "longer than any",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_what_takes_long_is_refused(tmp_path, name):
    file, words = LONG[name]
    path = tmp_path / "model.gguf"
    path.write_bytes(file.written())
    with pytest.raises(LLMNumbersError, match=words):
        read_gguf(path, gguf_types())


def test_a_whole_tokenizer_in_a_key_is_passed_by(tmp_path):
    """`tokenizer.huggingface.json` of some converters: tens of megabytes in one text."""
    file = File((Key(b"tokenizer.huggingface.json", STRING, text(b"x" * (3 << 20))),), TENSORS)
    found = read(tmp_path / "model.gguf", file.written())
    assert found.keys == {"tokenizer.huggingface.json": ""}
    assert len(found.tensors) == len(TENSORS)


def test_more_kinds_of_tensors_than_any_model_has():
    """Each would become a figure."""
    from ipython_llmnumbers.catalog.open_models.architectures.gguf import read_gguf_model

    keys = {"general.architecture": "llama", "llama.block_count": 1}
    with pytest.raises(LLMNumbersError, match="6,000 kinds of tensors, more than any model has"):
        read_gguf_model(keys, ((f"t{number}", (1, 1)) for number in range(6_000)), "model")
