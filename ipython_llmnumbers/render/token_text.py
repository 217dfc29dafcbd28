"""A token's bytes as characters that can be seen: the part of the token view that all renderers share."""

from __future__ import annotations

import re

from ..figures import TokenPiece
from ..messages import tell

NEWLINE = "⏎"
# A sentencepiece vocabulary writes a space as U+2581.
_SENTENCEPIECE_SPACE = "\u2581"
# Bytes that are no whole character, as `surrogateescape` decodes them.
_CUT = re.compile("[\udc80-\udcff]+")
_VISIBLE = {" ": "·", "\t": "⇥", "\n": NEWLINE, "\r": "␍", "\u00a0": "⍽", "\u3000": "□"}


def more_text(n: int) -> str:
    """What is said where tokens are left out."""
    return tell("… and {n:,} more tokens, counted but not shown", n=n)


def visible(piece: TokenPiece) -> str:
    r"""The text of a token with its white space shown, and its bytes where it cuts a character.

    >>> visible(TokenPiece(1, b" two\n")), visible(TokenPiece(2, b" \xf0\x9f"))
    ('·two⏎', '·⟨F0 9F⟩')
    >>> visible(TokenPiece(3, b"\x00"))
    '␀'
    """
    text = piece.data.decode("utf-8", "surrogateescape").replace(_SENTENCEPIECE_SPACE, " ")
    return _CUT.sub(_bytes, "".join(map(_visible_character, text)))


def _bytes(cut: re.Match[str]) -> str:
    return f"⟨{cut[0].encode('utf-8', 'surrogateescape').hex(' ').upper()}⟩"


def _visible_character(character: str) -> str:
    if character in _VISIBLE:
        return _VISIBLE[character]
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "␡"
    return character if character.isprintable() or _CUT.match(character) else f"⟨U+{ord(character):04X}⟩"
