"""Tokens of PDFs, sound and video, by their pages and seconds."""

from __future__ import annotations

from math import ceil


def pages_tokens(pages: int, tokens_per_page: int, files: int, tokens_per_file: int) -> int:
    """Tokens of PDFs.

    >>> pages_tokens(pages=3, tokens_per_page=560, files=1, tokens_per_file=1)
    1681
    """
    return pages * tokens_per_page + files * tokens_per_file


def sound_tokens(seconds: float, tokens_per_s: float) -> int:
    """Tokens of sound.

    >>> sound_tokens(seconds=60, tokens_per_s=32)
    1920
    """
    return ceil(seconds * tokens_per_s)


def frames_tokens(frames: float, tokens_per_frame: int) -> int:
    """Tokens of the frames of a video that are looked at.

    >>> frames_tokens(frames=60, tokens_per_frame=258)
    15480
    """
    return ceil(frames) * tokens_per_frame
