"""Tokens of an image, by the rule that each provider publishes. Sizes are in pixels."""

from __future__ import annotations

from fractions import Fraction
from math import ceil


def tiles_tokens(width: int, height: int, base_tokens: int, tokens_per_tile: int) -> int:
    """OpenAI's tiles: fit into 2,048 × 2,048, then the short side to 768, in tiles of 512 × 512.

    >>> tiles_tokens(1024, 1024, 85, 170), tiles_tokens(2048, 4096, 85, 170)
    (765, 1105)
    """
    # A float's rounding can cost a whole row of tiles.
    scale = min(Fraction(1), Fraction(2048, max(width, height)), Fraction(768, min(width, height)))
    return base_tokens + tokens_per_tile * ceil(width * scale / 512) * ceil(height * scale / 512)


def patches_tokens(width: int, height: int, tokens_per_patch: float) -> int:
    """OpenAI's patches of 32 × 32, at most 1,536 of them.

    >>> patches_tokens(1024, 1024, 1.62)
    1659
    """
    patches = min(1536, ceil(width / 32) * ceil(height / 32))
    return ceil(patches * tokens_per_patch)


def area_tokens(width: int, height: int) -> int:
    """Claude's area: a token for 750 pixels, after scaling to 1,568 pixels; at most 1,600 tokens.

    >>> area_tokens(1000, 1000), area_tokens(200, 200)
    (1334, 54)
    """
    scale = min(Fraction(1), Fraction(1568, max(width, height)))
    return min(1600, ceil(width * scale * height * scale / 750))


def squares_tokens(width: int, height: int) -> int:
    """Gemini's squares: 258 for each tile of 768 × 768, so 258 for a small image.

    >>> squares_tokens(384, 384), squares_tokens(600, 400), squares_tokens(1920, 1080)
    (258, 258, 1548)
    """
    return 258 * ceil(width / 768) * ceil(height / 768)


def low_detail_tokens(base_tokens: int) -> int:
    """An image in OpenAI's low detail: the base alone, whatever its size.

    >>> low_detail_tokens(85)
    85
    """
    return base_tokens


def all_images_tokens(**image_tokens: int) -> int:
    """Tokens of several images.

    >>> all_images_tokens(image_1=765, image_2=85)
    850
    """
    return sum(image_tokens.values())
