"""What goes beside text: read in every provider's shape, counted by its published rule, never as text."""

from __future__ import annotations

import base64
import json
import random
from decimal import Decimal

import pytest
from media_files import pdf, png, wav

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.tokenization.attachments import medium_rule
from ipython_llmnumbers.formulas import images
from ipython_llmnumbers.probes.prompts import media
from ipython_llmnumbers.probes.prompts.chat import prompt_of
from ipython_llmnumbers.probes.prompts.media import Data, pages, seconds
from ipython_llmnumbers.probes.prompts.parts import (
    Audio,
    Document,
    Image,
    Rewritten,
    Thinking,
    Uncounted,
    Video,
)


def b64(data):
    return base64.b64encode(data).decode()


NOISE = random.Random(0).randbytes(30_000)
PICTURE, PDF, WAV = png(300, 200), pdf(3), wav(2)
PICTURE_URL = f"data:image/png;base64,{b64(PICTURE)}"
PDF_URL = f"data:application/pdf;base64,{b64(PDF)}"
AN_IMAGE = Image(300, 200)
A_CALL = Rewritten({"name": "f", "input": {"x": 1}})
HIDDEN = Uncounted("hidden reasoning of an earlier answer")


def anthropic(kind, media_type, data):
    return {"type": kind, "source": {"type": "base64", "media_type": media_type, "data": b64(data)}}


def a_text(kind, text, **more):
    return {"type": kind, **more, "content": [{"type": "text", "text": text}]}


def parts_of(content, **request):
    return prompt_of({"messages": [{"role": "user", "content": content}], **request}).messages[0].parts


# -- the shapes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        # OpenAI: chat, Responses, Realtime.
        ({"type": "image_url", "image_url": {"url": PICTURE_URL, "detail": "low"}}, Image(300, 200, "low")),
        ({"type": "image_url", "image_url": {"url": "https://example.org/a"}}, Image(None, None)),
        ({"type": "input_image", "image_url": PICTURE_URL, "detail": "high"}, Image(300, 200, "high")),
        ({"type": "input_image", "file_id": "file-1"}, Image(None, None)),
        ({"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "wav"}}, Audio(2.0)),
        ({"type": "input_audio", "audio": b64(WAV)}, Audio(2.0)),
        ({"type": "file", "file": {"filename": "a.pdf", "file_data": PDF_URL}}, Document(3)),
        ({"type": "file", "file": {"file_id": "file-1"}}, Uncounted("a file by its id")),
        ({"type": "input_file", "filename": "a.pdf", "file_data": PDF_URL}, Document(3)),
        ({"type": "input_file", "file_url": "https://example.org/a.pdf"}, Document(None)),
        # Anthropic.
        (anthropic("image", "image/png", PICTURE), AN_IMAGE),
        ({"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}, Image(None, None)),
        ({"type": "image", "source": {"type": "file", "file_id": "file_1"}}, Image(None, None)),
        (anthropic("document", "application/pdf", PDF), Document(3)),
        ({"type": "document", "source": {"type": "url", "url": "https://example.org/a.pdf"}}, Document(None)),
        ({"type": "tool_use", "id": "1", "name": "f", "input": {"x": 1}}, A_CALL),
        # new-api#7148: a tool's result with a picture in it.
        ({"type": "tool_result", "tool_use_id": "1", "content": [
            anthropic("image", "image/png", PICTURE)
        ]}, AN_IMAGE),
        ({"type": "thinking", "thinking": "Hm.", "signature": b64(NOISE)}, Thinking("Hm.")),
        ({"type": "redacted_thinking", "data": b64(NOISE)}, HIDDEN),
        ({"type": "container_upload", "file_id": "file_1"}, Uncounted("a file by its id")),
        # The Model Context Protocol (gemini-cli#17923).
        ({"type": "image", "data": b64(PICTURE), "mimeType": "image/png"}, AN_IMAGE),
        ({"type": "audio", "data": b64(WAV), "mimeType": "audio/wav"}, Audio(2.0)),
        # LangChain (langchain#38228, #38229).
        ({"type": "image", "base64": b64(PICTURE), "mime_type": "image/png"}, AN_IMAGE),
        ({"type": "audio", "base64": b64(WAV), "mime_type": "audio/wav"}, Audio(2.0)),
        ({"type": "file", "base64": b64(PDF), "mime_type": "application/pdf"}, Document(3)),
        ({"type": "file", "source_type": "base64", "data": b64(PDF), "mime_type": "pdf"}, Document(3)),
        ({"type": "video", "url": "https://example.org/a.mp4", "mime_type": "video/mp4"}, Video(None)),
        # Google.
        ({"inline_data": {"mime_type": "image/png", "data": b64(PICTURE)}}, AN_IMAGE),
        ({"inlineData": {"mimeType": "application/pdf", "data": b64(PDF)}}, Document(3)),
        ({"inline_data": {"mime_type": "audio/wav", "data": WAV}}, Audio(2.0)),
        ({"inline_data": {"mime_type": "image/png", "data": b64(PICTURE)},
          "media_resolution": {"level": "MEDIA_RESOLUTION_LOW"}}, Image(300, 200, "low")),
        ({"file_data": {"mime_type": "video/mp4", "file_uri": "https://example.org/v1"},
          "video_metadata": {"start_offset": "40s", "end_offset": "80s", "fps": 2}}, Video(40.0, 2.0)),
        ({"file_data": {"file_uri": "https://www.youtube.com/watch?v=9hE5-98ZeCg"}}, Video(None)),
        ({"function_call": {"name": "f", "args": {"x": 1}}}, A_CALL),
        ({"function_response": {"name": "f", "response": {"x": 1}}}, Rewritten({"x": 1})),
        ({"text": "Hm.", "thought": True}, Thinking("Hm.")),
        # Mistral.
        ({"type": "image_url", "image_url": PICTURE_URL}, AN_IMAGE),
        ({"type": "document_url", "document_url": PDF_URL}, Document(3)),
        ({"type": "input_audio", "input_audio": b64(WAV)}, Audio(2.0)),
        ({"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, Thinking("Hm.")),
        # Bedrock's converse.
        ({"image": {"format": "png", "source": {"bytes": PICTURE}}}, AN_IMAGE),
        ({"document": {"format": "pdf", "name": "", "source": {"bytes": PDF}}}, Document(3)),
        ({"document": {"format": "pdf", "source": {"s3Location": {"uri": "s3://b/a"}}}}, Document(None)),
        ({"toolUse": {"toolUseId": "1", "name": "f", "input": {"x": 1}}}, A_CALL),
        ({"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": b64(NOISE)}}}, Thinking("Hm.")),
        # Open servers.
        ({"type": "video_url", "video_url": {"url": "https://example.org/a.mp4"}}, Video(None)),
        # Nobody's.
        ({"type": "hologram", "data": b64(NOISE)}, Uncounted("a part of type hologram")),
        ({"payload": b64(NOISE)}, Uncounted("an object with bytes in it")),
        ({"blob": NOISE}, Uncounted("an object with bytes in it")),
    ],
)  # fmt: skip
def test_a_part_is_read_in_its_provider_s_shape(part, expected):
    assert parts_of([part]) == (expected,)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ({"type": "document", "title": "T", "source": {"type": "text", "data": "body"}}, "T\nbody"),
        ({"type": "document", "source": a_text("content", "body")}, "body"),
        (a_text("search_result", "body", title="T", source="S"), "T\nS\nbody"),
        ({"inline_data": {"mime_type": "text/plain", "data": b64(b"body")}}, "body"),
        ({"document": {"format": "txt", "name": "n", "source": {"bytes": b"body"}}}, "n\nbody"),
        ({"type": "tool_result", "tool_use_id": "1", "content": "body"}, "body"),
        ({"toolResult": {"toolUseId": "1", "content": [{"text": "body"}]}}, "body"),
        ({"type": "refusal", "refusal": "body"}, "body"),
        ({"type": "text-plain", "text": "body", "mime_type": "text/plain"}, "body"),
        ({"cachePoint": {"type": "default"}}, ""),
    ],
)  # fmt: skip
def test_a_text_within_a_part_is_text(part, text):
    (message,) = prompt_of([{"role": "user", "content": [part]}]).messages
    assert (message.text, message.parts) == (text, ())


@pytest.mark.parametrize(
    ("content", "text", "parts"),
    [
        ("日本".encode("utf-16"), "日本", ()),
        (b"\xef\xbb\xbf" + "日本".encode(), "日本", ()),
        ("日本".encode("cp932"), "", (Uncounted("a text that cannot be read"),)),
        ("caf\xe9".encode("latin-1"), "", (Uncounted("a text that cannot be read"),)),
    ],
)
def test_a_text_in_another_encoding_is_not_counted_as_if_it_were_utf8(content, text, parts):
    """microsoft/TWL300-AI-Apps-and-agents#78: files on Windows are cp932 in Japan."""
    part = {"inline_data": {"mime_type": "text/plain", "data": b64(content)}}
    (message,) = prompt_of([{"role": "user", "content": [part]}]).messages
    assert (message.text, message.parts) == (text, parts)


def test_the_items_of_a_responses_request():
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": "hi"}]},
        {"type": "reasoning", "summary": [], "encrypted_content": b64(NOISE)},
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": "sunny"},
        {"type": "item_reference", "id": "msg_1"},
    ]
    messages = prompt_of({"model": "gpt-5", "input": items}).messages
    assert [message.text for message in messages] == ["hi", "", "", "sunny", ""]
    assert messages[2].parts == (Rewritten({"name": "f", "input": "{}"}),)
    assert [message.hands_back for message in messages] == [False, False, False, True, False]


# gemini-cli#16494, OmniRoute#10840, langchain#38229, new-api#7148, client-python#502: base64 as text gave
# 350,022 tokens for a PDF of a megabyte, and millions for a few pictures.
@pytest.mark.parametrize("model", ["gpt-4o", "gpt-6-sol", "claude-sonnet-4-5", "gemini-2.5-pro", "grok-4"])
@pytest.mark.parametrize(
    "part",
    [
        {"type": "file", "file": {"filename": "a.pdf", "file_data": b64(NOISE)}},
        {"type": "input_audio", "input_audio": {"data": b64(NOISE), "format": "wav"}},
        anthropic("image", "image/png", NOISE),
        {"type": "thinking", "thinking": "Hm.", "signature": b64(NOISE)},
        {"inline_data": {"mime_type": "video/mp4", "data": b64(NOISE)}},
        {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "image", "source": {
            "type": "base64", "media_type": "image/png", "data": b64(NOISE)}}]},
        {"toolResult": {"toolUseId": "1", "content": [{"json": {"png": b64(NOISE)}}]}},
    ],
    ids=lambda part: part.get("type", next(iter(part))),
)  # fmt: skip
def test_bytes_are_never_text(part, model):
    estimate = estimate_cost([{"role": "user", "content": [part, {"type": "text", "text": "hi"}]}], model)
    assert estimate["text_tokens"].value < 5
    assert estimate["input_tokens"].value < 50
    assert not any("more than the" in note.text for note in estimate.notes)


def test_what_is_not_counted_is_named_and_makes_the_total_at_least():
    part = {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF_URL}}
    asked = [{"role": "user", "content": [part, part, {"type": "text", "text": "Compare these."}]}]
    estimate = estimate_cost(asked, "gpt-4o", output_tokens=10)
    assert estimate["input_tokens"].is_at_least
    assert estimate["total_usd"].is_at_least
    assert estimate["input_tokens"].low == 3 + 4 + 3
    assert any("not counted: 2 × a PDF (no rule is published" in note.text for note in estimate.notes)
    assert "at least 10" in str(estimate)
    assert json.loads(json.dumps(estimate.to_dict()))["figures"]["input_tokens"]["high"] is None


def test_two_models_of_which_one_cannot_count_a_picture():
    asked = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE_URL}}]}]
    estimate = estimate_cost(asked, "gpt-4o,grok-4")
    assert not estimate["gpt-4o"]["total_usd"].is_at_least
    assert estimate["grok-4"]["total_usd"].is_at_least
    assert "at least" in str(estimate)


# -- pages and seconds --------------------------------------------------------------------


def test_pages_and_seconds_are_read_from_the_file():
    assert (pages(Data(PDF)), seconds(Data(WAV))) == (3, 2.0)


def test_the_first_answer_is_kept(monkeypatch):
    data = Data(pdf(7))
    assert pages(data) == 7
    monkeypatch.setattr(media, "start", None)  # nothing can be asked any more
    assert pages(data) == 7


@pytest.mark.parametrize(
    "broken",
    [PDF[:-200], PDF[:20], b"%PDF-1.7\n%%EOF", NOISE, b"", b"%PDF-1.7\ntrailer<</Root 1 0 R>>\n%%EOF"],
    ids=["cut", "head", "empty", "noise", "nothing", "loose"],
)
def test_a_broken_pdf_has_no_known_pages(broken):
    assert pages(Data(broken)) is None


def test_a_wav_of_unknown_length():
    piped = bytearray(WAV)
    piped[4:8] = piped[40:44] = b"\xff" * 4  # as a program writes it that cannot seek back
    for data in (bytes(piped), WAV[:30_000], WAV[:40], NOISE):
        assert seconds(Data(data)) is None


# A page tree that is its own child: pypdf, CVE-2023-36464 and others of its kind.
def test_a_pdf_without_an_end_is_given_up(monkeypatch):
    monkeypatch.setattr(media, "_CHILD_S", 3.0)
    tree = b"<</Type/Pages/Count 2/Kids[2 0 R 2 0 R]/Parent 2 0 R>>"
    body = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj" + tree + b"endobj\n"
    data = body + b"trailer<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF"
    found = pages(Data(data))
    assert found is None or found <= 2


@pytest.mark.parametrize("cut", [1, 3, 7])
def test_base64_that_is_none_is_no_file(cut):
    part = {"inline_data": {"mime_type": "application/pdf", "data": "%%%" + b64(PDF)[cut:]}}
    assert parts_of([part]) == (Document(None),)


# -- the vendors' worked examples ---------------------------------------------------------


def tokens_of(model, width, height, detail=""):
    part = {
        "type": "input_image",
        "image_url": f"data:image/png;base64,{b64(png(width, height))}",
        "detail": detail,
    }
    return estimate_cost([{"role": "user", "content": [part]}], model)["image_tokens"]


@pytest.mark.parametrize(
    ("model", "size", "detail", "expected"),
    [
        # OpenAI, "Calculating costs". A picture of one pixel on gpt-4o-mini was billed 8,511, eleven of them
        # text (openai-messages-token-helper, tests/image_messages.py).
        ("gpt-4o", (1024, 1024), "high", 765),
        ("gpt-4o", (2048, 4096), "high", 1_105),
        ("gpt-4o", (4096, 8192), "low", 85),
        ("gpt-4o-mini", (1, 1), "auto", 8_500),
        ("gpt-4o-mini", (1, 1), "low", 2_833),
        ("gpt-4.1-mini", (1024, 1024), "", 1_659),
        ("gpt-4.1-mini", (1800, 2400), "", 2_353),
        # image-token-cost, as billed on GPT-6 and GPT-5.5.
        ("gpt-6-sol", (1024, 1024), "", 1_229),
        ("gpt-6-sol", (1920, 1080), "auto", 2_448),
        ("gpt-5.5", (2560, 1440), "auto", 4_320),
    ],
)
def test_openai_s_pictures(model, size, detail, expected):
    tokens = tokens_of(model, *size, detail)
    assert (tokens.low, tokens.value) == (expected, expected)


# openai-python#2851: "about 85 tokens in low detail" holds for models with tiles, and not for those with
# patches, whose size in low detail is not printed.
def test_low_detail_is_a_base_with_tiles_and_a_range_with_patches():
    assert tokens_of("gpt-5", 4096, 8192, "low").value == 70
    tokens = tokens_of("gpt-5-mini", 1024, 1024, "low")
    assert (tokens.low, tokens.high) == (1, 1_659)


def test_where_the_longest_side_binds_both_readings_are_the_range():
    tokens = tokens_of("gpt-5.5", 2560, 1440, "high")
    assert tokens.low <= 2_765 < 2_931 <= tokens.high  # 64 × 36 patches by the document, 66 × 37 as billed


# Claude docs, "Vision", with 0 to 5 tokens around an image.
@pytest.mark.parametrize(
    ("model", "size", "expected"),
    [
        ("claude-sonnet-4-5", (200, 200), 64),
        ("claude-sonnet-4-5", (1000, 1000), 1_296),
        ("claude-sonnet-4-5", (1092, 1092), 1_521),
        ("claude-sonnet-4-5", (1920, 1080), 1_560),
        ("claude-sonnet-4-5", (3840, 2160), 1_560),
        ("claude-sonnet-4-5", (1075, 1520), 33 * 47),
        ("claude-haiku-4-5", (3840, 2160), 1_560),
        ("claude-opus-5-5", (1920, 1080), 2_691),
        ("claude-opus-5-5", (3840, 2160), 4_784),
        ("claude-opus-5-5", (1024, 1024), 1_369),  # image-token-cost, as billed
        ("claude-fable-5", (28, 28), 1),
    ],
)
def test_claude_s_pictures(model, size, expected):
    tokens = tokens_of(model, *size)
    assert (tokens.low, tokens.high) == (expected, expected + 5)


# Gemini docs, "Image understanding" and "Media resolution". A JPEG of 768 × 768 was billed 1,089 on Gemini 3
# (AlaskanTuna/Rokabot#136).
@pytest.mark.parametrize(
    ("model", "size", "detail", "low", "high"),
    [
        ("gemini-2.0-flash", (384, 384), "", 258, 258),
        ("gemini-2.0-flash", (960, 540), "", 1_548, 1_548),
        ("gemini-2.5-flash", (300, 300), "", 258, 258),
        ("gemini-2.5-flash", (960, 540), "", 1_548, 2_048),
        ("gemini-2.5-flash", (960, 540), "low", 64, 64),
        ("gemini-3.8-flash", (768, 768), "", 1_089, 1_121),
        ("gemini-3.8-flash", (1600, 1200), "", 1_064, 1_121),
        ("gemini-3.8-flash", (768, 768), "low", 256, 281),
    ],
)
def test_gemini_s_pictures(model, size, detail, low, high):
    tokens = tokens_of(model, *size, detail)
    assert (tokens.low, tokens.high) == (low, high)


# mistral-common 1.13.1, ImageEncoder._image_to_num_tokens, with a break behind each row.
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("pixtral-12b", (2, 2, 3, 1230, 4160, 2340, 2368, 65, 4160)),
        ("mistral-small-2506", (2, 2, 2, 432, 1406, 1736, 1760, 56, 3080)),
    ],
)
def test_mistral_s_pictures_as_its_own_package_counts_them(model, expected):
    sizes = [
        (1, 1),
        (16, 16),
        (17, 16),
        (640, 480),
        (1024, 1024),
        (1920, 1080),
        (1080, 1920),
        (4000, 3),
        (1541, 1541),
    ]
    assert tuple(tokens_of(model, *size).value for size in sizes) == expected


def test_a_picture_elsewhere_is_the_range_of_its_rule():
    part = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    for model, low, high in (
        ("gpt-4o", 255, 1_445),
        ("claude-sonnet-4-5", 1, 1_573),
        ("gpt-5-mini", 2, 2_489),
    ):
        tokens = estimate_cost([{"role": "user", "content": [part]}], model)["image_tokens"]
        assert (tokens.low, tokens.high) == (low, high)
    whole = estimate_cost([{"role": "user", "content": [part]}], "gpt-6-sol")["image_tokens"]
    assert whole.is_at_least


@pytest.mark.parametrize(
    ("model", "detail"),
    [
        ("gpt-4o", ""),
        ("gpt-4.1-mini", ""),
        ("gpt-5.5", ""),
        ("gpt-5.5", "high"),
        ("claude-opus-4-5", ""),
        ("claude-opus-5-5", ""),
        ("pixtral-12b", ""),
    ],
)
def test_no_picture_costs_more_than_the_greatest(model, detail):
    rule = medium_rule("images", model, detail)
    formula = getattr(images, f"{rule.rule}_tokens")
    constants = {name: figure.value for name, figure in rule.numbers.items()}
    sides = (1, 512, 765, 768, 1024, 1449, 1540, 1568, 1600, 2048, 2576, 3200, 4096, 49_152)
    most = formula(*rule.greatest, **constants)
    # A whole number of patches may fill a side, and so be fewer than the budget.
    assert 0.99 * most <= max(formula(w, h, **constants) for w in sides for h in sides) <= most


# Gemini docs: a page of a PDF is 258 tokens. pdf-token-cost measured 561, 2,801 and 5,601 for 1, 5 and 10
# pages on Gemini 3, and on Claude 5.5 2,347 for a page of text and 1,600 for a scan.
@pytest.mark.parametrize(
    ("model", "n_pages", "low", "high"),
    [
        ("gemini-2.5-flash", 3, 768, 774),
        ("gemini-3.8-flash", 1, 561, 561),
        ("gemini-3.8-flash", 5, 2_801, 2_801),
        ("gemini-3.8-flash", 10, 5_601, 5_601),
        ("claude-opus-5-5", 1, 1_500, 4_600),
    ],
)
def test_a_pdf_by_its_pages(model, n_pages, low, high):
    part = {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": b64(pdf(n_pages))},
    }
    tokens = estimate_cost([{"role": "user", "content": [part]}], model)["document_tokens"]
    assert (tokens.low, tokens.high) == (low, high)


# Gemini docs: 32 tokens a second, 25 from Gemini 3 on; OpenAI about 10 (community.openai.com/t/971012). An
# MP3 of 4:36 was billed 6,924 on Gemini 3 (AlaskanTuna/Rokabot#136): 276.96 seconds.
@pytest.mark.parametrize(
    ("model", "low", "high"),
    [("gemini-2.5-flash", 64, 64), ("gemini-3.8-flash", 50, 50), ("gpt-4o-audio-preview", 18, 24)],
)
def test_sound_by_its_seconds(model, low, high):
    part = {"inline_data": {"mime_type": "audio/wav", "data": b64(WAV)}}
    tokens = estimate_cost([{"role": "user", "content": [part]}], model)["audio_tokens"]
    assert (tokens.low, tokens.high) == (low, high)


# langwatch#7036, litellm#37661: sound at the rate of text is many times too cheap. Gemini 2.5 Flash asks $1
# for a million tokens of sound and $0.30 of text, gpt-audio $32 and $2.50 (their pricing pages).
@pytest.mark.parametrize(
    ("model", "usd"), [("gemini-2.5-flash", Decimal("0.00192")), ("gpt-audio", Decimal("0.0192"))]
)
def test_sound_is_priced_at_its_own_rate(model, usd):
    part = {"type": "input_audio", "input_audio": {"data": b64(wav(60, rate=8_000)), "format": "wav"}}
    estimate = estimate_cost([{"role": "user", "content": [part, {"type": "text", "text": "hi"}]}], model)
    assert estimate["audio_usd"].value == usd
    text = estimate["input_usd"].value - usd
    assert (
        text
        == (estimate["input_tokens"].value - estimate["audio_tokens"].value)
        * estimate["input_usd_per_mtok"].value
        / 1_000_000
    )


def test_sound_without_a_rate_makes_the_cost_at_least_that_of_the_text():
    part = {"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "wav"}}
    estimate = estimate_cost([{"role": "user", "content": [part]}], "gpt-4o-audio-preview")
    assert estimate["input_usd"].is_at_least
    assert not estimate["input_tokens"].is_at_least
    assert "no table has this model's rate for sound" in str(estimate)


def test_a_clip_of_a_video_by_its_frames_and_its_sound_if_any():
    # A video of 6 seconds was billed 420 on Gemini 3, 70 a frame (AlaskanTuna/Rokabot#136).
    clip = {"start_offset": "4s", "end_offset": "10s"}
    part = {
        "file_data": {"mime_type": "video/mp4", "file_uri": "https://example.org/a"},
        "video_metadata": clip,
    }
    estimate = estimate_cost([{"role": "user", "content": [part]}], "gemini-3.8-flash")
    assert estimate["video_tokens"].value == 420
    assert (estimate["audio_tokens"].low, estimate["audio_tokens"].high) == (0, 150)


# Claude docs, "Extended thinking": some models drop that of earlier turns; that of the current turn counts.
def test_thinking_of_earlier_turns_is_a_range_and_of_this_turn_a_count():
    thought = {"type": "thinking", "thinking": "word " * 50, "signature": b64(NOISE)}
    answer = {"role": "assistant", "content": [thought, {"type": "text", "text": "hello"}]}
    earlier = [{"role": "user", "content": "hi"}, answer, {"role": "user", "content": "ok"}]
    tokens = estimate_cost(earlier, "claude-sonnet-4-5")["thinking_tokens"]
    assert (tokens.low, tokens.value) == (0, 0)
    assert 40 < tokens.high < 120
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "sunny"}]}
    current = [{"role": "user", "content": "hi"}, answer, result]
    assert estimate_cost(current, "claude-sonnet-4-5")["thinking_tokens"].low > 40


@pytest.mark.parametrize(
    ("size", "patches"),
    [((32, 32), 1), ((33, 32), 2), ((32, 33), 2), ((64, 33), 4), ((1536, 1024), 1536), ((1, 100_000), 48)],
)
def test_patches_on_each_side_of_their_limits(size, patches):
    assert images.patches_tokens(*size, 1536, 1536, Decimal(1)) == patches


# -- what was asked for, and goes by nothing ------------------------------------------------


def pdf_asked_for(model, level):
    """The tokens of a PDF of three pages, with Google's media resolution at that level."""
    content = [{"text": "Hi"}, {"inline_data": {"mime_type": "application/pdf", "data": b64(PDF)}}]
    request = {
        "contents": [{"role": "user", "parts": content}],
        "generationConfig": {"mediaResolution": f"MEDIA_RESOLUTION_{level}"},
    }
    return estimate_cost(request, model)["document_tokens"]


# Gemini docs, "Media resolution": 280, 560 and 1,120 tokens a page at low, medium and high, and none printed
# at ultra high, which is for pictures.
def test_a_page_at_a_detail_that_is_not_published_is_at_least_none():
    assert pdf_asked_for("gemini-3.5-flash", "HIGH").value == 3 * 1_120 + 1
    tokens = pdf_asked_for("gemini-3.5-flash", "ULTRA_HIGH")
    assert (tokens.low, tokens.is_at_least) == (0, True)
    assert "ultra_high" in tokens.note


def test_a_detail_that_no_rule_of_the_model_s_goes_by_is_said():
    told = "no rule of this model's goes by low detail"
    assert told in pdf_asked_for("gemini-2.5-pro", "LOW").note
    assert told in tokens_of("claude-sonnet-4-5", 200, 200, "low").note
    for without in (tokens_of("claude-sonnet-4-5", 200, 200), tokens_of("gpt-4o", 200, 200, "low")):
        assert "detail" not in without.note


def test_a_cached_share_says_that_it_is_of_the_text_alone():
    sound = {"type": "input_audio", "input_audio": {"data": b64(wav(60)), "format": "wav"}}
    text = {"type": "text", "text": "word " * 3_000}
    asked, plain = (
        {"messages": [{"role": "user", "content": content}]} for content in ([text, sound], [text])
    )
    told = "sound is priced in full"
    cached = estimate_cost(asked, "gpt-audio", cached="100%")
    assert told in " ".join(note.text for note in cached.notes)
    assert cached["audio_usd"].value == estimate_cost(asked, "gpt-audio")["audio_usd"].value > 0
    for other in (estimate_cost(asked, "gpt-audio"), estimate_cost(plain, "gpt-audio", cached="100%")):
        assert told not in " ".join(note.text for note in other.notes)
