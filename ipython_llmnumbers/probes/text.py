"""What can be read off a text without a tokenizer: its words, its script, what kind of text it is."""

from __future__ import annotations

import re

# Blocks of the scripts that are written without spaces between words, where a count of
# words by spaces would be false. https://www.unicode.org/Public/UNIDATA/Blocks.txt
KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HAN = "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SOUTH_EAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"

_SCRIPTS = {
    "kana": re.compile(f"[{KANA}]"),
    "han": re.compile(f"[{HAN}]"),
    "hangul": re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]"),
    "latin": re.compile("[A-Za-z\u00aa-\u024f\u1e00-\u1eff]"),
    "digit": re.compile(r"\d"),
}
_UNSPACED = re.compile(f"[{KANA}{HAN}{_SOUTH_EAST_ASIAN}]")
_LETTER = re.compile(r"[^\W\d_]")

# A script is part of a text from this share of its letters and digits on: below it a
# foreign word or a heading would widen the whole estimate.
_MINOR_SHARE = 0.1
# Scripts are told from the start of a text; the rest of a long one is not read twice.
_SAMPLE_CHARS = 20_000


def replace_lone_surrogates(text: str) -> tuple[str, int]:
    r"""Half characters, which no tokenizer takes, as U+FFFD; and how many there were.

    >>> replace_lone_surrogates("a\ud800b")
    ('a\ufffdb', 1)
    """
    if text.isascii():
        return text, 0
    cleaned = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return cleaned, cleaned.count("\ufffd") - text.count("\ufffd")


def count_words(text: str) -> int | None:
    """Words between white space; None where the script sets no spaces between words.

    >>> count_words("three little words"), count_words("日本語のテキスト")
    (3, None)
    """
    sample = text[:_SAMPLE_CHARS]
    letters = len(_LETTER.findall(sample))
    if letters and len(_UNSPACED.findall(sample)) > 0.3 * letters:
        return None
    return len(text.split())


def scripts(text: str) -> tuple[str, ...]:
    """The scripts that make up at least a tenth of the text, the commonest first.

    >>> scripts("Привет, мир")
    ('cyrillic',)
    >>> scripts("")
    ()
    """
    sample = text[:_SAMPLE_CHARS]
    counts = {name: len(pattern.findall(sample)) for name, pattern in _SCRIPTS.items()}
    total = sum(counts.values())
    common = [name for name, n in counts.items() if n and n >= _MINOR_SHARE * total]
    return tuple(sorted(common, key=lambda name: -counts[name]))
