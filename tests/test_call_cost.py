"""What a recorded call cost: by whose price, at which hour and tier, and how that is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.api_usage import route_of
from ipython_llmnumbers.figures import UNBOUNDED
from ipython_llmnumbers.usage.call_cost import call_cost
from ipython_llmnumbers.usage.cell_run import cell_run
from ipython_llmnumbers.usage.recording.answer import AnswerReader
from ipython_llmnumbers.usage.recording.recording import RecordedCall, Recording
from ipython_llmnumbers.usage.recording.tokens import Tokens

OPENAI, ANTHROPIC = "https://api.openai.com", "https://api.anthropic.com"
GEMINI, PERPLEXITY = "https://generativelanguage.googleapis.com", "https://api.perplexity.ai"
# A Thursday, at an hour that is quiet at DeepSeek.
QUIET = datetime(2026, 11, 26, 15, tzinfo=UTC)


def call(model, address, tokens, **more):
    """A recorded call; `more` are the fields of another."""
    fields = {
        "started": QUIET,
        "duration_s": 2.0,
        "first_text_s": None,
        "client": "httpx2",
        "host": "",
        "operation": "chat",
        "status": 200,
        "tier": None,
        "billed_usd": None,
        "state": "complete",
        "is_stray": False,
    }
    return RecordedCall(model=model, address=address, tokens=tokens, **{**fields, **more})


@pytest.mark.parametrize(
    ("model", "address", "tokens", "more", "usd"),
    [
        # OpenAI, pricing: gpt-4o $2.50, cached $1.25, output $10 per million tokens.
        ("gpt-4o-2024-08-06", OPENAI, Tokens(100, 50, cached=40), {}, "0.0007"),
        # gpt-5: $1.25 and $10; flex is half of it, priority twice as much.
        ("gpt-5-2025-08-07", OPENAI, Tokens(1000, 1000), {"tier": "default"}, "0.01125"),
        ("gpt-5-2025-08-07", OPENAI, Tokens(1000, 1000), {"tier": "flex"}, "0.005625"),
        ("gpt-5-2025-08-07", OPENAI, Tokens(1000, 1000), {"tier": "priority"}, "0.0225"),
        # Anthropic, pricing: Sonnet 4.5 $3, read at a tenth, written at 1.25 times for 5 minutes and at 2 for
        # an hour, $15: 10 x 3 + 70 x 0.3 + 5 x 3.75 + 15 x 6 + 50 x 15 = 909.75.
        (
            "claude-sonnet-4-5-20250929",
            ANTHROPIC,
            Tokens(100, 50, cached=70, written=20, written_1h=15),
            {"tier": "standard"},
            "0.00090975",
        ),
        # DeepSeek, twice as much at a peak hour (DeepSeek API docs, pricing).
        ("deepseek-v4-flash", "https://api.deepseek.com", Tokens(1000, 10, cached=900), {}, "0.0000237"),
        (
            "deepseek-v4-flash",
            "https://api.deepseek.com",
            Tokens(1000, 10, cached=900),
            {"started": QUIET.replace(hour=2)},
            "0.0000474",
        ),
        # The long-context rate of Gemini 2.5 Pro: $2.50 and $15 past 200,000 tokens, for all of them.
        (
            "gemini-2.5-pro",
            "https://generativelanguage.googleapis.com",
            Tokens(300_000, 100),
            {},
            "0.7515",
        ),
        # Ollama's cloud answers on the user's own machine: models.dev#7108, 0.15 and 0.60.
        ("gpt-oss:120b-cloud", "http://localhost:11434", Tokens(1_000_000, 0), {"host": "ollama"}, "0.15"),
        # A gateway on this machine, with a model that nobody can run himself.
        ("gpt-4o", "http://localhost:4000", Tokens(100, 50), {}, "0.00075"),
        ("gpt-4o", "https://llm.example.com", Tokens(100, 50), {}, "0.00075"),
        # Gemini API, pricing: pictures are $30 and $120 per million tokens, 1,290 and 1,120 tokens each.
        ("gemini-2.5-flash-image", GEMINI, Tokens(0, 1290, image_output=1290), {}, "0.0387"),
        ("gemini-3-pro-image-preview", GEMINI, Tokens(0, 1120, image_output=1120), {}, "0.1344"),
        # litellm#17410: 225 are thinking, at the rate of text: 10 x 2 + 225 x 12 + 1120 x 120.
        (
            "gemini-3-pro-image-preview",
            GEMINI,
            Tokens(10, 1345, reasoning=225, image_output=1120),
            {},
            "0.13712",
        ),
        # An answer in text alone: 10 x 0.3 + 100 x 2.5.
        ("gemini-2.5-flash-image", GEMINI, Tokens(10, 100, text_output=100), {}, "0.000253"),
        # A picture that is sent, at the rate of text: 21494 x 2 + 2385 x 12.
        (
            "gemini-3.1-pro-preview",
            GEMINI,
            Tokens(21494, 2385, reasoning=1694, image_input=21320),
            {},
            "0.071608",
        ),
        # litellm#13847: gpt-image-1 $5, pictures sent $10, $40; 50 x 5 + 323 x 10 + 4160 x 40.
        ("gpt-image-1", OPENAI, Tokens(150, 8000, image_input=0, image_output=8000), {}, "0.32075"),
        ("gpt-image-1", OPENAI, Tokens(373, 4160, image_input=323, image_output=4160), {}, "0.16988"),
        # OpenAI, pricing of gpt-realtime: text $4, pictures $5, $0.40 and $0.50 from the cache.
        (
            "gpt-realtime",
            OPENAI,
            Tokens(100, 0, cached=60, image_input=50, cached_image=20),
            {},
            "0.000216",  # 10 x 4 + 40 x 0.4 + 30 x 5 + 20 x 0.5
        ),
        # Claude docs, fast mode: Opus 4.6 six times as much, Opus 5 $10 and $50; `inference_geo` 1.1 times.
        ("claude-opus-4-6", ANTHROPIC, Tokens(1000, 500), {"modes": {"speed": "fast"}}, "0.105"),
        ("claude-opus-5", ANTHROPIC, Tokens(1000, 500), {"modes": {"speed": "fast"}}, "0.035"),
        ("claude-opus-5", ANTHROPIC, Tokens(1000, 500), {"modes": {"speed": "standard"}}, "0.0175"),
        ("claude-opus-4-6", ANTHROPIC, Tokens(1000, 500), {"modes": {"inference_geo": "us"}}, "0.01925"),
        (
            "claude-opus-4-6",
            ANTHROPIC,
            Tokens(1000, 500),
            {"modes": {"speed": "fast", "inference_geo": "us"}},
            "0.1155",
        ),
        (
            "claude-sonnet-4-5",
            ANTHROPIC,
            Tokens(1000, 500),
            {"modes": {"inference_geo": "not_available"}},
            "0.0105",
        ),
        # Voyage, pricing: voyage-3.5 $0.06; it writes nothing.
        ("voyage-3.5", "https://api.voyageai.com", Tokens(1000, 0), {}, "0.00006"),
        # The host of a route that has its own, whatever the address: AWS's regional rate, 10 % above.
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "http://127.0.0.1:8000",
            Tokens(1_000_000, 0),
            {"host": "bedrock"},
            "3.3",
        ),
    ],
)  # fmt: skip
def test_a_call_is_priced_as_its_provider_does(model, address, tokens, more, usd):
    cost = call_cost(call(model, address, tokens, **more))
    assert cost.figure("total_usd").value == Decimal(usd)
    assert not cost.figure("total_usd").has_range
    assert cost.details.how == "computed"
    assert cost.details.price_date is not None


def used(path, body, model, address, tokens):
    """A call whose answer says what the provider's own tools did."""
    reader = AnswerReader(route_of(path), {}, is_decoded=False)
    reader.feed(json.dumps({"model": model, **body}).encode())
    reader.end(is_whole=True)
    return call(model, address, tokens, tools=reader.tools)


def test_the_searches_of_an_answer_are_in_its_cost():
    """Claude docs, pricing: $10 for 1,000 searches; OpenAI, pricing: the same, and $2.50 for files."""
    body = {"usage": {"server_tool_use": {"web_search_requests": 5}}}
    cost = call_cost(used("/v1/messages", body, "claude-sonnet-4-5", ANTHROPIC, Tokens(1000, 500)))
    assert cost.figure("total_usd").value == Decimal("0.0605")
    assert cost.figure("web_searches").value == 5
    body = {
        "output": [{"type": "web_search_call", "action": {"type": "search"}}, {"type": "file_search_call"}]
    }
    cost = call_cost(used("/v1/responses", body, "gpt-5", OPENAI, Tokens(1000, 1000)))
    assert cost.figure("total_usd").value == Decimal("0.01125") + Decimal("0.01") + Decimal("0.0025")
    assert not cost.notes


def test_perplexity_s_deep_research_is_billed_by_five_rates():
    """Perplexity, pricing: $2, $8, citations $2, thinking $3, $5 for 1,000 searches."""
    tokens = Tokens(33, 7163 + 73997, reasoning=73997, citation=20016)
    body = {"usage": {"num_search_queries": 18}}
    cost = call_cost(used("/chat/completions", body, "sonar-deep-research", PERPLEXITY, tokens))
    by_hand = Decimal(33 * 2 + 7163 * 8 + 20016 * 2 + 73997 * 3) / 10**6 + 18 * Decimal("0.005")
    assert cost.figure("total_usd").value == by_hand


def test_a_search_that_may_be_free_is_a_range():
    """Gemini API, pricing: $14 for 1,000 searches of Gemini 3, of which the first of a month are free."""
    body = {"candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b"]}}]}
    path = "/v1beta/models/gemini-3-flash-preview:generateContent"
    cost = call_cost(used(path, body, "gemini-3-flash-preview", GEMINI, Tokens(1000, 100)))
    total = cost.figure("total_usd")
    assert (total.low, total.high) == (Decimal("0.0008"), Decimal("0.0288"))


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("/v1/chat/completions", {}, "gpt-4o-search-preview"),
        ("/v1/responses", {"output": [{"type": "code_interpreter_call"}]}, "gpt-5"),
        ("/v1/responses", {"output": [{"type": "image_generation_call"}]}, "gpt-5"),
    ],
)
def test_a_tool_whose_fee_no_table_has_makes_the_cost_the_least(path, body, model):
    cost = call_cost(used(path, body, model, OPENAI, Tokens(1000, 100)))
    assert cost.figure("total_usd").is_at_least
    assert cost.figure("total_usd").low > 0
    assert any("no table has the fee" in note.text for note in cost.notes)


def test_an_output_that_may_be_a_picture_is_a_range():
    """litellm#31142: through a gateway, nothing tells what of 1,290 tokens is a picture."""
    total = call_cost(call("gemini-2.5-flash-image", GEMINI, Tokens(0, 1290))).figure("total_usd")
    assert (total.low, total.high) == (Decimal("0.003225"), Decimal("0.0387"))


@pytest.mark.parametrize(
    "address", ["http://localhost:4000", "http://litellm.corp.internal", "http://10.0.0.7"]
)
@pytest.mark.parametrize("model", ["deepseek-chat", "mistral-large-latest", "glm-4.6", "kimi-k2-thinking"])
def test_a_machine_nearby_that_does_not_say_what_it_is_may_be_a_gateway(address, model):
    total = call_cost(call(model, address, Tokens(1000, 500))).figure("total_usd")
    asked = call_cost(call(model, "https://llm.example.com", Tokens(1000, 500))).figure("total_usd")
    assert (total.low, total.high) == (0, asked.value)
    assert asked.value > 0
    assert call_cost(call(model, address, Tokens(1000, 500), server="vLLM")).details.how == "local"


def test_an_alias_of_a_gateway_is_unknown():
    cost = call_cost(call("smart", "http://localhost:4000", Tokens(1000, 500)))
    assert (cost.figure("total_usd").is_at_least, cost.details.how) == (True, "unknown")


def test_a_closed_model_behind_a_gateway_costs_what_its_maker_asks():
    total = call_cost(call("sonar-pro", "http://localhost:4000", Tokens(1000, 500))).figure("total_usd")
    assert total.low > 0


@pytest.mark.parametrize(
    ("model", "address", "tier"),
    [
        ("claude-sonnet-4-5", ANTHROPIC, "priority"),
        ("gpt-4o", OPENAI, "flex"),
        ("gpt-5-nano", OPENAI, "priority"),
        ("llama-3.3-70b-versatile", "https://api.groq.com", "flex"),
    ],
)
def test_a_tier_without_a_price_leaves_the_rest_known(model, address, tier):
    """What the other calls cost is still known, and is the least of all."""
    known = call("gpt-4o", OPENAI, Tokens(100, 50, cached=40))
    unsold = call(model, address, Tokens(100, 50), tier=tier)
    cost = call_cost(unsold)
    assert (cost.details.how, cost.figure("total_usd").is_at_least) == ("unknown", True)
    (note,) = cost.notes
    assert note.text.count(model) == 1
    assert run(known, unsold).figure("total_usd").low == Decimal("0.0007")


def test_what_ollama_does_not_count_is_not_nothing():
    cost = call_cost(call("llama3.1:8b", "http://localhost:11434", Tokens(None, 50), host="ollama"))
    assert cost.figure("input_tokens").is_at_least
    assert cost.figure("output_tokens").value == 50
    assert cost.figure("total_usd").value == 0


def test_a_count_beyond_the_model_s_window_is_said():
    """OpenAI, models: gpt-4o reads 128,000 tokens."""
    beyond = call_cost(call("gpt-4o", OPENAI, Tokens(99_000_000, 10)))
    assert any("128,000" in note.text for note in beyond.notes)
    assert not call_cost(call("gpt-4o", OPENAI, Tokens(128_000, 10))).notes
    texts = call_cost(call("text-embedding-3-small", OPENAI, Tokens(100_000, 0)))
    assert not texts.notes


@pytest.mark.parametrize("mode", [{"speed": "warp"}, {"inference_geo": "eu"}])
def test_an_unknown_word_for_how_it_was_made_is_said(mode):
    cost = call_cost(call("claude-opus-4-6", ANTHROPIC, Tokens(1000, 500), modes=mode))
    (word,) = mode.values()
    assert any(word in note.text for note in cost.notes)


@pytest.mark.parametrize(
    ("words", "cached", "written", "model"),
    [
        (1500, 0, 0, "gpt-4.1"),
        (1500, 1100, 0, "gpt-4.1"),
        (1500, 1500, 0, "gpt-4.1-mini"),
        (2500, 1200, 1100, "gpt-4.1"),
        (2500, 0, 2400, "gpt-5.4"),
        (300_000, 0, 0, "gpt-5.4"),  # past its long-context rate
        (300_000, 200_000, 0, "gpt-5.4"),
    ],
)
def test_an_estimate_of_the_same_tokens_comes_to_the_same_dollars(words, cached, written, model):
    shares = {"cached": cached, "cache_write": written}
    given = {name: n for name, n in shares.items() if n}
    estimate = estimate_cost("a " * words, model=model, output_tokens=700, as_text=True, **given)
    n = int(estimate["input_tokens"].value)
    recorded = call(model, OPENAI, Tokens(n, 700, cached=cached, written=written), started=datetime.now(UTC))
    cost = call_cost(recorded)
    for name in ("input_usd", "output_usd", "total_usd"):
        assert cost.figure(name).value == estimate.figure(name).value


def test_the_bill_of_the_provider_comes_first():
    cost = call_cost(call("gpt-4o", OPENAI, Tokens(100, 50), billed_usd=Decimal("0.00013")))
    assert (cost.figure("total_usd").value, cost.details.how) == (Decimal("0.00013"), "billed")
    # xAI's own bill is what its tokens cost: sub2api#5771, $1.25, cached $0.20 and $2.50.
    tokens = Tokens(10120, 4308, cached=128, reasoning=2809)
    by_hand = (Decimal(9992) * Decimal("1.25") + 128 * Decimal("0.2") + 4308 * Decimal("2.5")) / 10**6
    assert by_hand == Decimal("0.0232856")
    billed = call("grok-4.20", "https://api.x.ai", tokens, billed_usd=Decimal(232856000) / 10**10)
    assert call_cost(billed).figure("total_usd").value == by_hand


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://localhost:11434", "ollama"),
        ("http://127.0.0.1:8000", ""),
        ("http://[::1]:8000", ""),
        ("http://192.168.1.7:8080", ""),
        ("http://vllm:8000", ""),
        ("http://box.local", ""),
    ],
)
def test_a_model_of_one_s_own_costs_nothing_of_an_api(address, host):
    for model in ("llama3.1:8b", "Qwen/Qwen3-8B", "my-fine-tune", "openai/gpt-oss-20b"):
        cost = call_cost(call(model, address, Tokens(100, 50), host=host, server="" if host else "vLLM"))
        assert (cost.figure("total_usd").value, cost.details.how) == (0, "local"), model


@pytest.mark.parametrize("address", ["https://api.openai.com", "http://8.8.8.8", "https://ollama.com"])
def test_a_machine_elsewhere_is_not_one_s_own(address):
    cost = call_cost(call("my-model", address, Tokens(1, 1), server="vLLM"))
    assert cost.details.how == "unknown"


def test_a_call_that_is_refused_costs_nothing():
    cost = call_cost(call(None, OPENAI, None, state="refused", status=429))
    assert (cost.figure("total_usd").value, cost.details.how) == (0, "free")
    assert "429" in str(cost)


@pytest.mark.parametrize("state", ["silent", "unreadable", "failed", "open", "lost", "cut"])
def test_what_is_not_known_is_at_least_nothing_and_says_why(state):
    cost = call_cost(call("gpt-4o", OPENAI, None, state=state))
    total = cost.figure("total_usd")
    assert (total.low, total.high, cost.details.how) == (0, UNBOUNDED, "unknown")
    assert total.note


def test_an_error_behind_which_something_may_be_billed_is_not_free():
    cost = call_cost(call("gpt-4o", OPENAI, None, state="failed", status=504))
    assert (cost.figure("total_usd").is_at_least, cost.details.how) == (True, "unknown")
    assert "504" in cost.figure("total_usd").note


def test_what_was_not_sent_costs_nothing():
    cost = call_cost(call("gpt-4o", OPENAI, None, state="unsent", status=None))
    assert (cost.figure("total_usd").value, cost.details.how) == (0, "free")
    assert "None" not in str(cost)


def test_a_stream_that_was_left_costs_at_least_its_input():
    cost = call_cost(call("claude-sonnet-4-5", ANTHROPIC, Tokens(100, 1, cached=70), state="cut"))
    total = cost.figure("total_usd")
    assert total.is_at_least
    assert total.low == Decimal("0.000126")  # 30 x 3 + 70 x 0.3 + 1 x 15
    assert not cost.figure("input_usd").has_range


def test_sound_has_its_own_rate_and_is_at_least_where_no_table_has_it():
    sound = call_cost(call("gpt-4o-audio-preview", OPENAI, Tokens(100, 50, audio_input=10)))
    assert sound.figure("total_usd").is_at_least


def test_sound_is_billed_apart_from_text():
    """OpenAI, pricing of gpt-realtime: text $4, cached $0.40, $16; sound $32, cached $0.40, $64."""
    tokens = Tokens(100, 50, cached=40, audio_input=40, audio_output=30)
    cost = call_cost(call("gpt-realtime", OPENAI, tokens))
    # 20 x 4 + 40 x 0.4 + 40 x 32 + 20 x 16 + 30 x 64
    assert cost.figure("total_usd").value == Decimal("0.003616")
    tokens = Tokens(100, 50, cached=40, audio_input=60, audio_output=30, cached_audio=30)
    cost = call_cost(call("gpt-realtime", OPENAI, tokens))
    # 30 x 4 + 10 x 0.4 + 30 x 0.4 + 30 x 32 + 20 x 16 + 30 x 64
    assert cost.figure("total_usd").value == Decimal("0.003336")


def test_no_token_is_billed_twice_where_an_answer_does_not_tell_which_are_cached():
    """80 of 100 are cached and 60 are sound, so that 40 at least are both."""
    cost = call_cost(call("gpt-realtime", OPENAI, Tokens(100, 0, cached=80, audio_input=60)))
    assert cost.figure("cached_audio_tokens").value == 40
    assert cost.figure("fresh_usd").value == 0
    assert cost.figure("total_usd").value == (80 * Decimal("0.4") + 20 * 32) / 10**6


def test_an_unknown_tier_is_said():
    cost = call_cost(call("gpt-4o", OPENAI, Tokens(100, 50), tier="scale"))
    assert any("scale" in note.text for note in cost.notes)
    assert cost.figure("total_usd").value == Decimal("0.00075")


def run(*calls, **more):
    recording = Recording("7", calls=list(calls), **more)
    return cell_run(recording, None)


def test_the_total_is_the_sum_and_names_what_is_missing():
    known = call("gpt-4o", OPENAI, Tokens(100, 50, cached=40))
    unknown = call("gpt-4o", OPENAI, None, state="silent")
    whole = run(known, known)
    assert whole.figure("total_usd").value == Decimal("0.0014")
    assert whole.figure("input_tokens").value == 200
    assert not whole.figure("total_usd").has_range
    partly = run(known, unknown)
    assert partly.figure("total_usd").is_at_least
    assert partly.figure("total_usd").low == Decimal("0.0007")
    assert any("1 of 2 calls" in note.text for note in partly.notes)
    assert "at least $0.0007" in str(partly)


def test_the_calls_are_in_the_order_in_which_they_were_sent():
    late = call("gpt-4o", OPENAI, Tokens(1, 1), started=QUIET.replace(minute=5))
    early = call("gpt-5", OPENAI, Tokens(1, 1))
    assert [part.subject for part in run(late, early).parts] == ["gpt-5", "gpt-4o"]


def test_faults_processes_and_strays_are_said():
    notes = " ".join(
        note.text
        for note in run(call("gpt-4o", OPENAI, Tokens(1, 1), is_stray=True), n_faults=2, n_processes=1).notes
    )
    assert "faults of the recorder: 2" in notes
    assert "whose calls are not seen: 1" in notes
    assert "work that began before this cell: 1" in notes


def test_the_speed_is_that_of_the_whole_call():
    cost = call_cost(call("gpt-4o", OPENAI, Tokens(10, 300), duration_s=4.0, first_text_s=0.5))
    assert cost.figure("output_tokens_per_s").value == 75
    assert cost.figure("first_text_s").value == 0.5


def test_a_run_says_the_same_to_programs_and_in_every_front_end():
    result = run(call("gpt-4o", OPENAI, Tokens(100, 50, cached=40, reasoning=30)))
    bundle = result._repr_mimebundle_()
    for kind in ("text/plain", "text/markdown", "text/html"):
        assert "$0.0007" in bundle[kind]
        assert "40 cached" in bundle[kind]
    plain = result.to_dict()
    assert plain["kind"] == "run"
    assert plain["parts"][0]["details"]["started"] == "2026-11-26T15:00:00+00:00"
    assert plain["figures"]["total_usd"]["value"] == "0.0007"
