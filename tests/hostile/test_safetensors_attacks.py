"""Headers of .safetensors files in the details of JSON, where Python's reader and Rust's differ.

The property starts from a good file and damages one field, or one word of its text. What our reader
refuses alone is listed: it is refused by the format's own page, or by a limit of this package.
"""

from __future__ import annotations

import json
import struct

import pytest
from builders import safetensors_bytes
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.probes.checkpoints import _safetensors
from ipython_llmnumbers.probes.checkpoints._safetensors import read_safetensors

safetensors = pytest.importorskip("safetensors")


def tensor(**fields):
    """The text of a header of one tensor, its fields as they are written."""
    whole = {"dtype": '"F16"', "shape": "[2,3]", "data_offsets": "[0,12]", **fields}
    return '{"a":{' + ",".join(f'"{name}":{text}' for name, text in whole.items()) + "}}"


def with_metadata(text):
    return '{"__metadata__":' + text + "," + tensor()[1:]


def verdicts(path, content):
    """What the library and what our reader say of a file: None where it is accepted."""
    path.write_bytes(content)
    ours = theirs = None
    try:
        found = read_safetensors(path)
    except LLMNumbersError as error:
        ours = str(error)
        assert ours.isprintable()
        assert len(ours) <= 700
    try:
        their_tensors = safetensors.deserialize(content)
    except safetensors.SafetensorError as error:
        theirs = str(error)
    if ours is theirs is None:
        assert {each.name: (list(each.shape), each.bytes) for each in found} == {
            name: (each["shape"], len(each["data"])) for name, each in their_tensors
        }
    return ours, theirs


BIG = 2**40
REFUSED = [
    ("a product past 64 bits, and then a 0", tensor(shape=f"[{BIG},{BIG},0]", data_offsets="[0,0]"), 0),
    ("bits past 64 bits", tensor(shape=f"[{2**61}]", data_offsets="[0,0]"), 0),
    ("a size of 2^64 after a 0", tensor(shape=f"[0,{2**64}]", data_offsets="[0,0]"), 0),
    ("an offset of -0", tensor(data_offsets="[-0,12]"), 12),
    ("a size of -0", tensor(shape="[-0]", data_offsets="[0,0]"), 0),
    ("an offset of 0e0", tensor(data_offsets="[0e0,12]"), 12),
    ("an offset of 12.0", tensor(data_offsets="[0,12.0]"), 12),
    ("a size with a leading 0", tensor(shape="[02,3]"), 12),
    ("a size with a sign", tensor(shape="[+2,3]"), 12),
    ("a comma too much", tensor(shape="[2,3,]"), 12),
    ("offsets by name", tensor(data_offsets='{"0":0,"1":12}'), 12),
    ("a field that is 1e999", tensor(x="1e999"), 12),
    ("a field that is -1e999", tensor(x="-1e999"), 12),
    ("a field of 400 digits", tensor(x="9" * 400), 12),
    ("a field of 5,000 digits", tensor(x="9" * 5_000), 12),
    ("a field that is Infinity", tensor(x="Infinity"), 12),
    ("half a pair in a name", tensor().replace('"a"', r'"\ud800"'), 12),
    ("the other half", tensor().replace('"a"', r'"\uDC00"'), 12),
    ("half a pair in the metadata", with_metadata(r'{"a":"\ud83d x"}'), 12),
    ("half a pair in another field", tensor(x=r'["\ud800"]'), 12),
    ("metadata of null", with_metadata('{"a":null}'), 12),
    ("metadata that is a list", with_metadata("[]"), 12),
    ("metadata twice", with_metadata('{},"__metadata__":{}'), 12),
    ("a type twice", tensor().replace('"dtype"', '"dtype":"F16","dtype"'), 12),
    ("a control character in a name", tensor().replace('"a"', '"\1"'), 12),
    ("an escape that is none", tensor().replace('"a"', r'"\x41"'), 12),
    ("a comment", tensor().replace('{"a"', '{/**/"a"'), 12),
    ("a form feed before", "\f" + tensor(), 12),
    ("a zero behind", tensor() + "\0", 12),
    ("an empty tensor within another", tensor()[:-1] + "," + tensor(shape="[0]", data_offsets="[6,6]")[1:]
     .replace('"a"', '"b"'), 12),
    ("an empty tensor behind the end", tensor(shape="[0]", data_offsets="[9,9]"), 0),
    ("half a byte of F4", tensor(dtype='"F4"', shape="[3]", data_offsets="[0,1]"), 1),
    ("a byte and a half of F6", tensor(dtype='"F6_E2M3"', shape="[2]", data_offsets="[0,1]"), 1),
    ("null", "null", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "size"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_what_the_library_refuses_is_one_line(tmp_path, text, size):
    ours, theirs = verdicts(tmp_path / "model.safetensors", safetensors_bytes(text.encode(), size))
    assert theirs
    assert ours


READ = [
    ("nine dimensions", tensor(shape="[2,3,1,1,1,1,1,1,1]"), 12),
    ("a 0 and then a product past 64 bits", tensor(shape=f"[0,{BIG},{BIG}]", data_offsets="[0,0]"), 0),
    (
        "an empty tensor behind the one that begins where it does",
        tensor()[:-1] + ',"b":{"dtype":"F16","shape":[0],"data_offsets":[0,0]}}',
        12,
    ),
    ("escapes in a key", tensor().replace('"dtype"', r'"\u0064type"'), 12),
    ("escapes in a type", tensor(dtype=r'"F1\u0036"'), 12),
    ("a pair in a name", tensor().replace('"a"', r'"\ud83d\ude00"'), 12),
    ("no letters in a name", tensor().replace('"a"', '""'), 12),
    ("a NUL in a name", tensor().replace('"a"', r'"\u0000"'), 12),
    ("a field of 300 digits", tensor(x="9" * 300), 12),
    ("a fraction of 5,000 digits", tensor(x="0." + "5" * 5_000), 12),
    ("line breaks before", "\n\r\t" + tensor(), 12),
    ("metadata of null", with_metadata("null"), 12),
    *((f"the type {kind}", tensor(dtype=f'"{kind}"', shape="[8]", data_offsets=f"[0,{bits}]"), bits)
      for kind, bits in _safetensors._BITS.items()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "size"), [each[1:] for each in READ], ids=[each[0] for each in READ])
def test_what_the_library_loads_is_read(tmp_path, text, size):
    content = safetensors_bytes(text.encode(), size)
    assert verdicts(tmp_path / "model.safetensors", content) == (None, None)


# "Duplicate keys are disallowed. Not all parsers may respect this." (the format's README)
STRICTER = [
    ("a tensor twice", tensor()[:-1] + "," + tensor()[1:], "'a' is there twice"),
    ("a key of the metadata twice", with_metadata('{"a":"b","a":"c"}'), "'a' is there twice"),
    ("another field twice", tensor(x="1").replace('"x"', '"x":1,"x"'), "'x' is there twice"),
    ("a tensor as a list", '{"a":["F16",[2,3],[0,12]]}', "a type that is not known"),
    ("a type as an object", tensor(dtype='{"F16":null}'), "a type that is not known"),
    ("lists 100 deep", tensor(x="[" * 100 + "]" * 100), "nested deeper than 64 levels"),
    ("no tensors", "{}", "names no tensors"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"), [each[1:] for each in STRICTER], ids=[each[0] for each in STRICTER]
)
def test_what_our_reader_alone_refuses(tmp_path, text, words):
    size = 0 if text == "{}" else 12
    ours, theirs = verdicts(tmp_path / "model.safetensors", safetensors_bytes(text.encode(), size))
    assert theirs is None
    assert words in ours


@pytest.mark.parametrize("first", [b"<", b"{", b"P", b"G", b"#", b"v", b"\x80"])
def test_a_length_is_not_taken_for_a_text(tmp_path, first):
    """A broken header of 60 bytes, which is the byte of '<', is no web page."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(first + bytes(7) + b"x" * 200)
    with pytest.raises(LLMNumbersError, match=r"not a \.safetensors file"):
        read_safetensors(path)


# -- one thing damaged ---------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(
        [
            "0",
            "-0",
            "-1",
            "1",
            "2",
            "3",
            "12",
            "12.0",
            "1e0",
            "1e999",
            "-1e999",
            "9" * 20,
            "9" * 400,
            "true",
            "null",
        ]
    ),
    st.integers(-(2**65), 2**65).map(str),
    st.sampled_from([str(2**power) for power in (31, 32, 53, 61, 62, 63, 64)]),
    st.sampled_from(['"F16"', '"F4"', '"BF16"', '"f16"', '""', r'"\ud800"', r'"\ud83d\ude00"', '"x"']),
    st.sampled_from(
        ["[]", "{}", "[0]", "[1e999]", '{"a":1}', "[" * 70 + "]" * 70, "[[]]", " ", "\t", "\f", "NaN"]
    ),
    st.text(max_size=3),
)
SPECIAL = st.sampled_from(
    ["0", "1", "2", "3", "6", "12", "-0", "1e999", "6.0", "true", str(2**32), str(2**63)]
)
LISTS = st.lists(SPECIAL, max_size=10).map(lambda words: "[" + ",".join(words) + "]")
ALONE = ("is there twice", "nested deeper", "names no tensors", "a type that is not known")


@st.composite
def damaged(draw):
    """A good header with one field, one word or one character changed, added or left out."""
    fields = {"dtype": '"F16"', "shape": "[2,3]", "data_offsets": "[0,12]"}
    size = draw(st.sampled_from([12, 12, 12, 0, 11, 13]))
    match draw(st.sampled_from(["field", "list", "new", "remove", "character", "metadata", "name"])):
        case "field":
            text = tensor(**{draw(st.sampled_from(list(fields))): draw(WORDS)})
        case "list":
            text = tensor(**{draw(st.sampled_from(["shape", "data_offsets"])): draw(LISTS)})
        case "new":
            text = tensor(x=draw(WORDS))
        case "remove":
            text = json.dumps(
                {
                    "a": {
                        name: json.loads(fields[name])
                        for name in draw(st.sets(st.sampled_from(list(fields))))
                    }
                }
            )
        case "character":
            text = tensor()
            place = draw(st.integers(0, len(text)))
            text = text[:place] + draw(WORDS) + text[place + draw(st.integers(0, 2)) :]
        case "metadata":
            text = with_metadata(draw(WORDS))
        case "name":
            text = tensor().replace('"a"', draw(WORDS))
    return safetensors_bytes(text.encode("utf-8", "surrogatepass"), size)


@given(damaged())
def test_both_refuse_one_damaged_field_or_both_read_it(tmp_path_factory, content):
    ours, theirs = verdicts(tmp_path_factory.getbasetemp() / "one.safetensors", content)
    if theirs is None and ours is not None:
        assert any(words in ours for words in ALONE), ours
    else:
        assert (ours is None) == (theirs is None), (ours, theirs)


# -- time and memory -----------------------------------------------------------------------

MOST = 33_000_000  # an entry of three bytes is over the limit of marks all the same
LONG = [
    ("quotes", b"{" + b'""' * (MOST // 2)),
    ("empty lists", b'{"a":[' + b"[]," * (MOST // 3) + b"[]]}"),
    ("empty objects", b'{"a":[' + b"{}," * (MOST // 3) + b"{}]}"),
    ("escapes", b'{"a":"' + rb"\n" * (MOST // 2) + b'"}'),
    ("numbers", b'{"a":[' + b"1," * (MOST // 2) + b"1]}"),
    ("spaces", b"{" + b" " * MOST + b"}"),
    ("letters", b"{" + b"x" * MOST + b"}"),
    ("brackets", b"{" + b"[" * MOST),
]


@pytest.mark.slow
@pytest.mark.parametrize("content", [each[1] for each in LONG], ids=[each[0] for each in LONG])
def test_a_long_header_is_refused(tmp_path, content):
    """Refused by what it counts, before it is parsed: else this test takes minutes and gigabytes."""
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(content)) + content)
    with pytest.raises(LLMNumbersError):
        read_safetensors(path)


def test_a_name_that_is_twice_among_many_is_found_in_linear_time(tmp_path):
    """Counting each name's places took 25 minutes for 300,000."""
    names = [*map(str, range(60_000)), "59999"]
    entries = ",".join(f'"{name}":{{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}' for name in names)
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_bytes(f"{{{entries}}}".encode(), 0))
    with pytest.raises(LLMNumbersError, match="'59999' is there twice"):
        read_safetensors(path)
