"""What can be read off a text without a tokenizer: its words, and halves of characters."""

from __future__ import annotations

from ...patterns import pattern

# Blocks of the scripts that are written without spaces between words, where a count of
# words by spaces would be false. https://www.unicode.org/Public/UNIDATA/Blocks.txt
KANA = "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"
HAN = "\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_SOUTH_EAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"

_UNSPACED = pattern(f"[{KANA}{HAN}{_SOUTH_EAST_ASIAN}]")
_LETTER = pattern(r"[^\W\d_]")

# Told from the start of a text; the rest of a long one is not read twice.
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
