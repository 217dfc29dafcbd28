"""Recorded calls as OpenTelemetry's GenAI spans, handed to the tracer that the user has set up.

The names are those of the semantic conventions for generative AI client spans
(github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-spans.md, read 2026-11-27; status:
development). They have none for dollars, the cell or the first text: those begin with `llmnumbers.`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from ...catalog.api_usage import telemetry_provider
from ...errors import UsageError
from ...estimates.ledger.entry import Entry
from ...patterns import pattern

_ADDRESS = pattern(r"(?P<scheme>https?)://(?P<machine>\[[^\]]+\]|[^:]+)(?::(?P<port>\d{1,5}))?")
_PORTS = {"http": 80, "https": 443}
_NAMESPACE = "llmnumbers"


def tracer() -> Any:
    """The tracer of the provider that is set.

    Raises:
        UsageError: OpenTelemetry is not installed, or nothing is set that takes spans.
    """
    if find_spec("opentelemetry") is None:
        raise UsageError(
            "spans need {library}: pip install {first}", library="OpenTelemetry", first="opentelemetry-sdk"
        )
    from opentelemetry import trace

    provider = trace.get_tracer_provider()
    if isinstance(provider, trace.ProxyTracerProvider | trace.NoOpTracerProvider):
        raise UsageError(
            "no TracerProvider is set, so that spans would be lost; call {function} first",
            function="opentelemetry.trace.set_tracer_provider(...)",
        )
    return provider.get_tracer("ipython_llmnumbers")


def send_spans(tracer: Any, calls: Sequence[Entry]) -> int:
    """Hand each call over as a span with its own times; the number of spans."""
    from opentelemetry.trace import SpanKind, Status, StatusCode

    for call in calls:
        span = tracer.start_span(
            f"{call.operation} {call.model or ''}".strip(),
            # No parent: the call was made by another cell than the one that runs now.
            context=_no_context(),
            kind=SpanKind.CLIENT,
            attributes=dict(_attributes(call)),
            start_time=_nanoseconds(call.at),
        )
        if _error_type(call):
            span.set_status(Status(StatusCode.ERROR))
        span.end(end_time=_nanoseconds(call.at) + round((call.duration_s or 0) * 1e9))
    return len(calls)


def _no_context() -> Any:
    from opentelemetry.context import Context

    return Context()


def _attributes(call: Entry) -> Iterator[tuple[str, str | int | float]]:
    address = call.address or ""
    yield "gen_ai.operation.name", call.operation or "chat"
    yield "gen_ai.provider.name", telemetry_provider(call.sold_by or "_OTHER", address)
    if url := _ADDRESS.fullmatch(address):
        yield "server.address", url["machine"].strip("[]")
        yield "server.port", int(url["port"] or _PORTS[url["scheme"]])
    error = _error_type(call)
    if call.model:
        yield ("gen_ai.request.model" if error else "gen_ai.response.model"), call.model
    if error:
        yield "error.type", error
    if call.tier and call.sold_by == "openai":
        yield "openai.response.service_tier", call.tier
    yield from ((f"gen_ai.usage.{name}", n) for name, n in _usage(call) if n is not None)
    yield f"{_NAMESPACE}.cell", call.cell
    yield f"{_NAMESPACE}.cost.known_by", call.how
    if call.usd is not None:
        yield f"{_NAMESPACE}.cost.usd", float(call.usd)
    if call.first_text_s is not None:
        yield f"{_NAMESPACE}.first_text_s", call.first_text_s


def _usage(call: Entry) -> Iterator[tuple[str, int | None]]:
    """The counts; those of the input hold all of it, and the others are parts of them."""
    yield "input_tokens", call.input_tokens
    yield "cache_read.input_tokens", _sum(call.cached_tokens, call.cached_audio_tokens)
    yield "cache_creation.input_tokens", _sum(call.cache_write_tokens, call.cache_write_1h_tokens)
    yield "audio.input_tokens", _sum(call.audio_tokens, call.cached_audio_tokens)
    yield "output_tokens", call.output_tokens
    yield "reasoning.output_tokens", call.reasoning_tokens
    yield "audio.output_tokens", call.audio_output_tokens


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _error_type(call: Entry) -> str:
    """The class of the error that a call ended with; empty of one that was answered."""
    if call.state == "refused":
        return str(call.status)
    return "_OTHER" if call.state in ("failed", "unreadable", "lost") else ""


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp() * 1e6) * 1_000
