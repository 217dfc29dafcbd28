"""Tokens of an image, by the rule that each provider publishes. Sizes are in pixels."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, isqrt


def tiles_tokens(
    width_px: int, height_px: int, base_tokens: int, tokens_per_tile: int, short_side_px: int
) -> int:
    """OpenAI's tiles: fit into 2,048 × 2,048, then the short side to 768, in tiles of 512 × 512.

    >>> tiles_tokens(1024, 1024, 85, 170, 768), tiles_tokens(2048, 4096, 85, 170, 768)
    (765, 1105)
    """
    # A float's rounding can cost a whole row of tiles.
    shrink = [Fraction(2048, max(width_px, height_px)), Fraction(short_side_px, min(width_px, height_px))]
    scale = min(Fraction(1), *shrink)
    return base_tokens + tokens_per_tile * ceil(width_px * scale / 512) * ceil(height_px * scale / 512)


def low_detail_tokens(base_tokens: int) -> int:
    """An image in OpenAI's low detail: the base alone, whatever its size.

    >>> low_detail_tokens(85)
    85
    """
    return base_tokens


def patches_tokens(
    width_px: int, height_px: int, most_patches: int, longest_px: int, tokens_per_patch: Decimal
) -> int:
    """OpenAI's patches of 32 × 32: a larger image is scaled until a whole number of them fills a side.

    >>> patches_tokens(1024, 1024, 1536, 2048, Decimal("1.62"))
    1659
    >>> patches_tokens(1800, 2400, 1536, 2048, Decimal(1))
    1452
    """
    scale = min(Fraction(1), Fraction(longest_px, max(width_px, height_px)))
    columns, rows = ceil(width_px * scale / 32), ceil(height_px * scale / 32)
    if columns * rows > most_patches:
        # Scaled to the area of so many patches, a side has the root of its share of them.
        columns = max(1, isqrt(most_patches * width_px // height_px))
        rows = max(1, isqrt(most_patches * height_px // width_px))
        if columns * height_px <= rows * width_px:
            rows = ceil(int(Fraction(32 * columns * height_px, width_px)) / 32)
        else:
            columns = ceil(int(Fraction(32 * rows * width_px, height_px)) / 32)
    return ceil(columns * rows * tokens_per_patch)


def whole_patches_tokens(width_px: int, height_px: int, tokens_per_patch: Decimal) -> int:
    """OpenAI's patches of 32 × 32 of an image that is never scaled.

    >>> whole_patches_tokens(1920, 1080, Decimal("1.2"))
    2448
    """
    return ceil(ceil(width_px / 32) * ceil(height_px / 32) * tokens_per_patch)


def claude_tokens(width_px: int, height_px: int, most_tokens: int, longest_px: int, block_tokens: int) -> int:
    """Claude's patches of 28 × 28, after scaling to the largest size within both limits.

    >>> claude_tokens(1000, 1000, 1568, 1568, 0), claude_tokens(1920, 1080, 1568, 1568, 0)
    (1296, 1560)
    """
    scale = min(Fraction(1), Fraction(longest_px, max(width_px, height_px)))
    if ceil(width_px * scale / 28) * ceil(height_px * scale / 28) > most_tokens:
        # The largest image of its shape that so many columns, and the whole rows left for them, can hold. As
        # many columns as fit without whole rows are enough, and each row that is lost takes some of them.
        most_columns = max(1, isqrt(most_tokens * width_px // height_px))
        fewest_columns = max(1, most_columns - width_px // height_px - 2)
        fits = (
            min(Fraction(28 * columns, width_px), Fraction(28 * (most_tokens // columns), height_px))
            for columns in range(fewest_columns, min(most_columns + 1, most_tokens) + 1)
        )
        scale = min(scale, max(fits))
    columns, rows = (max(1, ceil(int(side * scale) / 28)) for side in (width_px, height_px))
    return columns * rows + block_tokens


def crops_tokens(width_px: int, height_px: int) -> int:
    """Gemini 2's crops: 258 up to 384 × 384, else 258 for each square of two thirds of the short side.

    >>> crops_tokens(384, 384), crops_tokens(960, 540)
    (258, 1548)
    """
    if max(width_px, height_px) <= 384:
        return 258
    unit = min(768, max(256, min(width_px, height_px) * 2 // 3))
    return 258 * ceil(width_px / unit) * ceil(height_px / unit)


def grid_tokens(width_px: int, height_px: int, most_tokens: int) -> int:
    """Gemini 3's grid: the largest of the image's shape within the budget, whatever its size.

    >>> grid_tokens(1024, 1024, 1120), grid_tokens(1920, 1080, 1120), grid_tokens(1600, 1200, 1120)
    (1089, 1100, 1064)
    """
    columns, rows = isqrt(most_tokens * width_px // height_px), isqrt(most_tokens * height_px // width_px)
    return min(most_tokens, max(1, columns) * max(1, rows))


def qwen_tokens(width_px: int, height_px: int, most_tokens: int, block_tokens: int) -> int:
    """Qwen-VL's grid of 28 pixels, between 4 and so many tokens.

    >>> qwen_tokens(1024, 1024, 16_384, 2)
    1371
    """
    columns, rows = (max(1, round(side / 28)) for side in (width_px, height_px))
    if columns * rows > most_tokens:
        columns = max(1, isqrt(most_tokens * width_px // height_px))
        rows = max(1, isqrt(most_tokens * height_px // width_px))
    return max(4, columns * rows) + block_tokens


def rows_tokens(width_px: int, height_px: int, patch_px: int, longest_px: int) -> int:
    """Mistral's patches, with a break behind each row of them.

    >>> rows_tokens(1024, 1024, 16, 1024)
    4160
    """
    shrink = max(width_px / longest_px, height_px / longest_px, 1)
    columns, rows = (ceil(max(1, round(side / shrink)) / patch_px) for side in (width_px, height_px))
    return (columns + 1) * rows


def all_images_tokens(**image_tokens: int) -> int:
    """Tokens of several images.

    >>> all_images_tokens(image_1=765, image_2=85)
    850
    """
    return sum(image_tokens.values())
