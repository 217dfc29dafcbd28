"""Engines that only count, for what is too long to keep its ids: the fastest at hand, each checked.

splintr is always there. toktok and fastokens come with the extra `corpus`, know a few vocabularies and
take longer to load. Which of them pays is the catalogue's to say.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ...files.writing import write_text
from ...patterns import pattern
from ...records import dataclass
from .engines import Engine, embedded_engine, load_engine

Count = Callable[[Sequence[str]], list[int]]
# The names that toktok has for the vocabularies. https://github.com/vectorize-io/toktok (`batch_count`).
_TOKTOK = {"cl100k_base": "cl100k_base", "o200k_base": "o200k_base", "gpt-oss": "o200k_harmony"}
# Those whose splitting pattern fastokens has itself (`Tokenizer.from_tiktoken`), with the ranks they have:
# the ids behind those are special tokens.
_FASTOKENS = {"cl100k_base": 100_256, "o200k_base": 199_998}
# From 64 kB on fastokens shares a text out to threads, which takes one thread twice as long in all. A text of
# so many characters is shorter in any script.
_SHORT_CHARS = 10_000
# Where the patterns of these vocabularies always split: a run of letters goes on with letters, with marks
# that sound with them, or with an apostrophe and an ending, and whatever is behind it begins anew.
# https://github.com/openai/tiktoken/blob/main/tiktoken_ext/openai_public.py (`pat_str`).
_CUT = pattern(r"[^\W\d_](?=[ \n\"(),.:;<>、。，：；「」])")


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts the tokens of each of several texts, which hold no lone surrogates.

    `forget` empties what the engine remembers of the texts, and is called now and then.
    """

    name: str
    count: Count
    forget: Callable[[], Any] = lambda: None


def counter(vocabulary: str, engine: str = "") -> Counter | None:
    """What counts with a vocabulary: that engine, or the one that every vocabulary has where none is named.

    None where the engine is not installed or lacks the vocabulary, or the vocabulary is not on this machine.
    """
    if engine == "toktok":
        return _toktok(vocabulary)
    if engine == "fastokens":
        return _fastokens(vocabulary)
    loaded = load_engine(vocabulary)
    return None if loaded is None else _by_ids(loaded)


def differs(one: Counter, other: Counter, texts: Sequence[str]) -> bool:
    """Whether two engines count the same texts differently, or one of them fails."""
    try:
        return one.count(texts) != other.count(texts)
    except Exception:
        return True


def _by_ids(engine: Engine) -> Counter:
    encode = engine.encode
    # splintr remembers the words that it has seen, 94,000 of them after 15 MB of text.
    forget = getattr(getattr(encode, "__self__", None), "clear_cache", lambda: None)
    count = engine.count
    if count is not None:
        return Counter(engine.name, lambda texts: [count(text) for text in texts], forget)
    return Counter(engine.name, lambda texts: [len(encode(text)) for text in texts], forget)


@cache
def _toktok(vocabulary: str) -> Counter | None:
    try:
        import toktok
    except ImportError:
        return None
    name = _TOKTOK.get(vocabulary)
    if name is None:
        return None

    def count(texts: Sequence[str]) -> list[int]:
        counts: list[int] = toktok.batch_count(list(texts), name, threads=1)
        return counts

    return Counter(_named("toktok", "toktok-rs"), count)


@cache
def _fastokens(vocabulary: str) -> Counter | None:
    encode = fastokens_encode(vocabulary)
    if encode is None:
        return None

    def n_tokens(text: str) -> int:
        if len(text) <= _SHORT_CHARS:
            return len(encode(text))
        return sum(len(encode(piece)) for piece in pieces(text))

    return Counter(_named("fastokens", "fastokens"), lambda texts: [n_tokens(text) for text in texts])


def fastokens_encode(vocabulary: str) -> Callable[[str], Sequence[int]] | None:
    """How fastokens encodes with the ranks of a vocabulary; None where it is not installed, or lacks that."""
    try:
        import fastokens
    except ImportError:
        return None
    if vocabulary not in _FASTOKENS:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{vocabulary}.tiktoken"
        write_text(path, _rank_file(vocabulary), is_ours=lambda _: False)
        encode: Callable[[str], Sequence[int]] = fastokens.Tokenizer.from_tiktoken(
            str(path), encoding=vocabulary
        ).encode_ordinary
    return encode


def pieces(text: str, n_chars: int = _SHORT_CHARS) -> Iterator[str]:
    """A text in pieces of about so many characters, whose tokens are those of the text.

    >>> list(pieces("One word, and another", 5))
    ['One word', ', and another']
    """
    at = 0
    while cut := _CUT.search(text, at + n_chars):
        yield text[at : cut.end()]
        at = cut.end()
    yield text[at:]


def _rank_file(vocabulary: str) -> str:
    """The ranks of a vocabulary as tiktoken writes them, from splintr's own."""
    token_bytes = embedded_engine(vocabulary).token_bytes
    assert token_bytes is not None
    lines = (
        f"{base64.b64encode(token_bytes(rank)).decode()} {rank}\n" for rank in range(_FASTOKENS[vocabulary])
    )
    return "".join(lines)


def _named(package: str, distribution: str) -> str:
    try:
        return f"{package} {version(distribution)}"
    except PackageNotFoundError:
        return package
