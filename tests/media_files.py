"""Pictures, PDFs and sound of any size, made for a test."""

from __future__ import annotations

import io
import struct
import wave
import zlib

from pypdf import PdfWriter


def png(width, height):
    """A PNG of that size: a signature, a header chunk, and no pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def pdf(n_pages):
    """A PDF of blank pages."""
    writer, stream = PdfWriter(), io.BytesIO()
    for _ in range(n_pages):
        writer.add_blank_page(200, 200)
    writer.write(stream)
    return stream.getvalue()


def wav(n_seconds, rate=24_000):
    """A WAV in mono, 16 bit."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\1\0" * rate * n_seconds)
    return stream.getvalue()
