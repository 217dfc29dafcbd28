"""What kind of text a text is, by what can be counted in it: scripts, symbols, digits, the commonest words.

A closed tokenizer's ratio to an open one depends on it: Claude takes 1.5 tokens for one of o200k_base
in English, 2.1 in German, 1.0 in a column of numbers.
"""

from __future__ import annotations

import re

from ...patterns import pattern
from .text import HAN, KANA

# Runs of one script. https://www.unicode.org/Public/UNIDATA/Blocks.txt
_SCRIPTS = {
    "cyrillic": pattern("[\u0400-\u052f]+"),
    "greek": pattern("[\u0370-\u03ff\u1f00-\u1fff]+"),
    "arabic": pattern("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]+"),
    "korean": pattern("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+"),
    "kana": pattern(f"[{KANA}]+"),
    "han": pattern(f"[{HAN}]+"),
}
_ASCII = pattern("[\\x00-\\x7f]+")
_LATIN = pattern("[A-Za-z\u00aa-\u024f\u1e00-\u1eff0-9]+")
# Letters of a script that is not measured by itself, with the signs that belong to them.
_LETTERS = pattern(r"[^\W\d_]+")

_TAG = pattern(r"</?[A-Za-z!][^<>]*>")
_BLOB = pattern(r"[A-Za-z0-9+/=_-]{40,}")
_SYMBOL = pattern(r"[{}\[\]()<>=;:\"'/\\_#*&|+@$%~^`]")
_WORD = pattern(r"[^\W\d_]+")
# The commonest English words that are not common in another language of Latin letters.
_ENGLISH = frozenset("the and of to that with this is are you for not be".split())  # noqa: SIM905

# The kind is told from the start of a text; the rest of a long one is not read twice.
_SAMPLE_CHARS = 20_000


def kinds(text: str) -> dict[str, float]:
    """The kinds of text in a text and their shares of its bytes, the greatest first.

    >>> kinds("Привет, мир")
    {'cyrillic': 1.0}
    >>> kinds("for (int i = 0; i < n; ++i) { sum += a[i]; }")
    {'code': 1.0}
    >>> kinds("")
    {}
    """
    sample = text[:_SAMPLE_CHARS]
    if sample.isascii():  # most, and of one kind
        return {_kind_of_latin(sample): 1.0} if sample else {}
    sizes = _sizes_by_script(sample)
    latin = _size(_LATIN, sample)
    if latin or not sizes:
        sizes[_kind_of_latin(sample)] = latin or 1
    total = sum(sizes.values())
    return {kind: size / total for kind, size in sorted(sizes.items(), key=lambda each: -each[1])}


def _sizes_by_script(text: str) -> dict[str, int]:
    """Bytes of each script but Latin; Japanese is kana and the Han characters among them."""
    text = _ASCII.sub("", text)  # of none of these scripts, and most of most texts
    sizes = {name: _size(runs, text) for name, runs in _SCRIPTS.items()}
    rest = _LATIN.sub("", text)
    for runs in _SCRIPTS.values():
        rest = runs.sub("", rest)
    sizes["other"] = _size(_LETTERS, rest)
    kana, han = sizes.pop("kana"), sizes.pop("han")
    sizes["japanese" if kana > 0.05 * han else "chinese"] = kana + han
    return {name: size for name, size in sizes.items() if size}


def _size(runs: re.Pattern[str], text: str) -> int:
    """The bytes of all runs of a text."""
    return len("".join(runs.findall(text)).encode())


def _kind_of_latin(text: str) -> str:
    """Markup, code, numbers and encoded bytes by their share of what is no white space; else prose."""
    n_chars = len(text) - sum(map(text.count, " \n\t\r")) or 1
    if sum(map(len, _BLOB.findall(text))) >= 0.5 * n_chars:
        return "encoded"
    if sum(map(len, _TAG.findall(text))) >= 0.25 * n_chars:
        return "markup"
    if len(re.findall(r"\d", text)) >= 0.3 * n_chars:
        return "numbers"
    if len(_SYMBOL.findall(text)) >= 0.08 * n_chars:
        return "code"
    words = _WORD.findall(text.lower())
    english = sum(word in _ENGLISH for word in words)
    return "english" if words and english >= 0.1 * len(words) else "latin"
