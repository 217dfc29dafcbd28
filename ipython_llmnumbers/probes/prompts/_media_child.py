"""Run beside the notebook by `media.py`: it reads the pages of one PDF, or the length of one sound or video.

A process of its own can be ended: a file from a stranger may hang its parser or fill the memory.
"""

from __future__ import annotations

import base64
import io
import json
import sys

from ...files.formats import parse_json
from ...processes import limit_memory, only_answers

_MOST_MEMORY_BYTES = 2 << 30
# Where a PDF ends, by Adobe's own readers (PDF Reference 1.7, appendix H, note 18).
_PDF_END_BYTES = 1_024
# No codec for speech or music needs fewer (Codec 2 has 450 bits a second): a header that claims more
# seconds than that is not true.
_LEAST_BITS_PER_S = 400


def main() -> None:
    """Answer `{"what": "pages" or "seconds", "data": base64}` with `{"value": number or null}`."""
    answers = only_answers()
    limit_memory(_MOST_MEMORY_BYTES)
    value: float | None
    try:
        request = parse_json(sys.stdin.buffer.readline())
        data = base64.b64decode(request["data"])
        value = _pages(data) if request["what"] == "pages" else _seconds(data)
    except BaseException:
        value = None
    answers.write(json.dumps({"value": value}).encode() + b"\n")


def _pages(data: bytes) -> int | None:
    """The pages of a whole PDF: of one that was cut, a reader finds as many as it likes."""
    from pypdf import PdfReader

    if b"%%EOF" not in data[-_PDF_END_BYTES:]:
        return None
    return len(PdfReader(io.BytesIO(data)).pages)


def _seconds(data: bytes) -> float | None:
    """The length that the headers state, where the file is as long as that."""
    from tinytag import TinyTag

    tag = TinyTag.get(file_obj=io.BytesIO(data), tags=False)
    if not tag.duration:
        return None
    least_bits = tag.duration * _LEAST_BITS_PER_S
    if data[:4] == b"RIFF" and tag.samplerate and tag.bitdepth:
        # A WAV that was written to a pipe states 4 GB, and one that was cut what it had.
        least_bits = tag.duration * tag.samplerate * tag.bitdepth * (tag.channels or 1)
    return float(tag.duration) if least_bits <= 8 * len(data) else None


if __name__ == "__main__":
    main()
