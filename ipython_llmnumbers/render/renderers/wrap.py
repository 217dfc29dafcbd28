"""Where a line of text may be broken: at spaces, and in Japanese.

A Japanese sentence has no spaces, and must not be cut anywhere: not within “512MB”, nor before the full
stop (JIS X 4051 calls what may not begin a line *gyoto kinsoku*). It is cut between phrases where they fit a
line: a word in katakana or kanji stays whole, with the few kana behind it that say its case, as by CSS's
`word-break: auto-phrase`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...patterns import pattern
from .cells import cell_len

_WIDE = "\u3000-\u30ff\u3400-\u9fff\uff00-\uffef"
_OPENING = "「『（(\\[{“$¥≈"
_CLOSING = "、。，．）」』)\\]}”％%…ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々:;,.!?！？"
# A word ends at a space and before Japanese; an opening bracket belongs to what it opens.
# A number is not parted from a Japanese unit behind it.
_NUMBER = r"約?\d[\d,.]*(?:[万億兆〜]\d[\d,.]*)*[万億兆]?[円倍回分秒台個件年月日人点]"
# At most eight of them, since at each of a thousand the rest would be looked through again.
_WORD = rf"(?:(?![{_OPENING}]{{0,8}}[{_WIDE}])\S)+"
# Katakana, and kanji to the length of most compounds; a long run of kana is a word of its own.
_RUN = "[ァ-ヺー]{1,12}|[\u3400-\u9fff々]{1,4}"
_KANA = "[ぁ-ゖ]"
_PHRASE = rf"(?:{_NUMBER}|{_RUN}|{_WORD})(?:{_KANA}{{1,6}}(?!{_KANA}))?|{_KANA}{{1,6}}|[{_WIDE}]"
_PHRASES, _PIECES = (
    pattern(rf"\s+|[{_OPENING}]{{0,8}}(?:{word})[{_CLOSING}]*")
    for word in (_PHRASE, f"{_NUMBER}|[{_WIDE}]|{_WORD}")
)


def pieces(text: str) -> list[str]:
    """What must stay on one line: words, and characters of Japanese with the marks that belong to them.

    >>> pieces("two words"), pieces("512MBが必要です。"), pieces("o200k(仮定)")
    (['two', 'words'], ['512MB', 'が', '必', '要', 'で', 'す。'], ['o200k', '(仮', '定)'])
    >>> pieces("約45倍（30〜60倍）、1億675万円")
    ['約45倍', '（30〜60倍）、', '1億675万円']
    """
    return [piece for piece in _PIECES.findall(text) if not piece.isspace()]


def phrases(text: str) -> list[str]:
    """What stays on one line where that has room for it: words, and phrases of Japanese.

    >>> phrases("512MBが必要です。"), phrases("入力トークンを指定してください。")
    (['512MBが', '必要です。'], ['入力', 'トークンを', '指定してください。'])
    """
    return [phrase for phrase in _PHRASES.findall(text) if not phrase.isspace()]


def wrapped(text: str, width: int) -> str:
    r"""Text in lines of that many cells; a piece that is longer stays whole.

    >>> wrapped("GPU メモリは512MBです。", 12), wrapped("30–60 ×", 4)
    ('GPU メモリは\n512MBです。', '30–60\n×')
    """
    return "\n".join(line for given in text.split("\n") for line in _lines(given, width))


def _fitting(text: str, width: int) -> Iterator[str]:
    """The phrases of a text and its spaces; of a phrase that is wider than a line, what it is made of."""
    for phrase in _PHRASES.findall(text):
        yield from (phrase,) if cell_len(phrase.strip()) <= width else _PIECES.findall(phrase)


def _lines(text: str, width: int) -> Iterator[str]:
    if cell_len(text) <= width:
        yield text.strip()
        return
    line = ""
    for piece in _fitting(text, width):
        if line and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    yield line.rstrip()
