"""A tokenizer.json on this machine counts exactly: by its path, its folder, or its Hugging Face id."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from ipython_llmnumbers import LLMNumbersError, count_tokens

TEXT = "hello wörld 👩‍💻 <|endoftext|>\nhello"


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory):
    """A small byte-level tokenizer with a special token, trained here and saved as Hugging Face does."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet)
    tokenizer.train_from_iterator(["hello world, hello words"] * 10, trainer)
    path = tmp_path_factory.mktemp("model") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


def reference(path, text):
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.encode_special_tokens = True
    return tokenizer.encode(text, add_special_tokens=False).ids


def test_a_file_and_its_folder_count_as_the_file_does(tokenizer_file):
    for name in (str(tokenizer_file), str(tokenizer_file.parent)):
        estimate = count_tokens(TEXT, name)
        assert [piece.id for piece in estimate.pieces] == reference(tokenizer_file, TEXT)
        assert b"".join(piece.data for piece in estimate.pieces).decode() == TEXT
        assert estimate.details.how == "exact"


def test_a_file_that_was_changed_is_read_again(tokenizer_file, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_bytes(tokenizer_file.read_bytes())
    assert count_tokens("hello world", str(path))["tokens"].value < len("hello world")
    bare = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    bare.save(str(path))
    assert count_tokens("hello world", str(path))["tokens"].value == 1


def test_the_hugging_face_cache_is_read_and_never_filled(tokenizer_file, tmp_path):
    """In a process of its own: huggingface_hub reads where its cache is when it is first imported."""
    snapshot = tmp_path / "models--someone--a-model" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (tmp_path / "models--someone--a-model" / "refs").mkdir()
    (tmp_path / "models--someone--a-model" / "refs" / "main").write_text("abc")
    (snapshot / "tokenizer.json").write_bytes(Path(tokenizer_file).read_bytes())
    code = (
        "import sys; from ipython_llmnumbers import LLMNumbersError, count_tokens\n"
        "print(count_tokens(sys.argv[1], 'someone/a-model')['tokens'].value)\n"
        "try: count_tokens(sys.argv[1], 'someone/another')\n"
        "except LLMNumbersError as error: print(error)"
    )
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, TEXT], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    tokens, refused = done.stdout.splitlines()
    assert int(tokens) == len(reference(tokenizer_file, TEXT))
    assert refused.startswith("unknown model 'someone/another'")
    assert {path.name for path in tmp_path.iterdir()} == {"models--someone--a-model"}


@pytest.mark.parametrize("content", ["{", "{}", json.dumps({"model": {"type": "nosuch"}}), ""])
def test_a_file_that_is_no_tokenizer_is_one_line(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(LLMNumbersError) as caught:
        count_tokens("x", str(path))
    assert "not a tokenizer" in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["/no/such/tokenizer.json", "~nobody/x.json", "a/b\x00", "//", "../.."])
def test_a_path_to_nothing_is_an_unknown_model(name):
    with pytest.raises(LLMNumbersError) as caught:
        count_tokens("x", name)
    assert "\n" not in str(caught.value)
