"""Where a line of text may be broken: at spaces, and between the characters of Japanese.

rich breaks at spaces alone. A Japanese sentence has none, and would be cut anywhere: within
“512MB”, or before the full stop (JIS X 4051 calls what may not begin a line *gyoto kinsoku*).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDE = "\u3000-\u30ff\u3400-\u9fff\uff00-\uffef"
_OPENING = "「『（(\\[{“$¥≈"
_CLOSING = "、。，．）」』)\\]}”％%…ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々:;,.!?！？"
_PIECE = re.compile(rf"\s+|[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSING}]*")
_HAS_WIDE = re.compile(f"[{_WIDE}]")


def pieces(text: str) -> list[str]:
    """What must stay on one line: words, and characters of Japanese with the marks that belong to them.

    >>> pieces("two words"), pieces("512MBが必要です。")
    (['two', 'words'], ['512MB', 'が', '必', '要', 'で', 'す。'])
    """
    return [piece for piece in _PIECE.findall(text) if not piece.isspace()]


def wrapped(text: str, width: int) -> str:
    r"""Japanese text in lines that fit; any other text as it is, which rich breaks well.

    >>> wrapped("GPU メモリは512MBです。", 10)
    'GPU メモリ\nは512MBで\nす。'
    """
    return "\n".join(_lines(text, width)) if _HAS_WIDE.search(text) else text


def _lines(text: str, width: int) -> Iterator[str]:
    from rich.cells import cell_len

    line = ""
    for piece in _PIECE.findall(text):
        if line and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    yield line.rstrip()
