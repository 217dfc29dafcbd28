"""A token's bytes as characters that can be seen: the part of the token view that all renderers share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..figures import TokenPiece
from ..messages import tell
from ..patterns import pattern

# So many fill a screen, and with their ids and tints make less than 20 kB of HTML.
SHOWN_TOKENS = 200
NEWLINE = "⏎"
# A character has four bytes, and a space may stand before it.
_MOST_BYTES = 5
# A sentencepiece vocabulary writes a space as U+2581.
_SENTENCEPIECE_SPACE = "\u2581"
# Bytes that are no whole character, as `surrogateescape` decodes them.
_CUT = pattern("[\udc80-\udcff]+")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_VISIBLE = {" ": "·", "\t": "⇥", "\n": NEWLINE, "\r": "␍", "\u00a0": "⍽", "\u3000": "□"}


def more_text(n: int) -> str:
    """What is said where tokens are left out."""
    return tell("… and {n:,} more tokens, counted but not shown", n=n)


def whole_characters(pieces: Iterable[TokenPiece]) -> Iterator[tuple[TokenPiece, ...]]:
    r"""Tokens one by one; those that cut a character between them together.

    >>> cut = [TokenPiece(1, b"a"), TokenPiece(2, b" \xe8"), TokenPiece(3, b"\xbc"), TokenPiece(4, b"\xa9")]
    >>> [[piece.id for piece in group] for group in whole_characters(cut)]
    [[1], [2, 3, 4]]
    """
    group: tuple[TokenPiece, ...] = ()
    for piece in pieces:
        if not group and piece.data.isascii():
            yield (piece,)
            continue
        group = (*group, piece)
        if not _is_cut(group) or len(group) == _MOST_BYTES:
            yield group
            group = ()
    if group:
        yield group


def _is_cut(group: tuple[TokenPiece, ...]) -> bool:
    try:
        b"".join(piece.data for piece in group).decode()
    except UnicodeDecodeError as error:
        # What no further byte can mend is shown as it is.
        return error.reason == "unexpected end of data"
    return False


def shown(group: tuple[TokenPiece, ...]) -> str:
    r"""A token as `visible` shows it; a character that several make as it is, with how many they are.

    >>> shown((TokenPiece(2, b" \xe8"), TokenPiece(3, b"\xbc"), TokenPiece(4, b"\xa9")))
    '·輩³'
    """
    if len(group) == 1:
        return visible(group[0])
    count = str(len(group)).translate(_RAISED)
    return visible(TokenPiece(group[0].id, b"".join(piece.data for piece in group))) + count


def visible(piece: TokenPiece) -> str:
    r"""The text of a token with its white space shown, and its bytes where it cuts a character.

    >>> visible(TokenPiece(1, b" two\n")), visible(TokenPiece(2, b" \xf0\x9f"))
    ('·two⏎', '·⟨F0 9F⟩')
    >>> visible(TokenPiece(3, b"\x00"))
    '␀'
    """
    if piece.data.isascii() and (plain := piece.data.decode()).isprintable():
        return plain.replace(" ", _VISIBLE[" "])
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
