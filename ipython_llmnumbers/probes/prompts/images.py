"""Images inside messages: their size in pixels, read from the header of the data that is at hand."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# A header stands in the first kilobytes; a JPEG's may follow some tens of kB of metadata.
_HEADER_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a message; the size is None where it is not at hand, as behind a URL."""

    width: int | None
    height: int | None
    is_low_detail: bool = False


def image_in(part: Mapping[str, Any]) -> Image | None:
    """The image that a part of a message holds, in OpenAI's, Anthropic's or Google's shape; else None."""
    if part.get("type") in ("image_url", "input_image") or "image_url" in part:
        url = part.get("image_url", "")
        detail = part.get("detail")
        if isinstance(url, Mapping):
            url, detail = url.get("url", ""), url.get("detail", detail)
        return _sized(str(url).partition("base64,")[2], is_low_detail=detail == "low")
    source = part.get("source")
    if part.get("type") == "image" and isinstance(source, Mapping):
        return _sized(str(source.get("data", "")))
    inline = part.get("inline_data", part.get("inlineData"))
    if isinstance(inline, Mapping) and str(inline.get("mime_type", inline.get("mimeType", ""))).startswith(
        "image/"
    ):
        return _sized(str(inline.get("data", "")))
    return None


def _sized(data: str, is_low_detail: bool = False) -> Image:
    size = _pixels(data)
    return Image(*size, is_low_detail) if size else Image(None, None, is_low_detail)


def _pixels(data: str) -> tuple[int, int] | None:
    if not data:
        return None
    import imagesize

    head = data[:_HEADER_CHARS]
    try:
        header = base64.b64decode(head[: len(head) // 4 * 4], validate=False)
        width, height = imagesize.get(io.BytesIO(header))
    except (binascii.Error, ValueError, OSError, IndexError):
        return None
    return (int(width), int(height)) if width > 0 and height > 0 else None
