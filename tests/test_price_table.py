"""The compact table of prices is genai-prices' own, row by row; and no estimate imports that package."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import DataSnapshot, get_snapshot

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.prices import compact_table
from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.catalog.prices.genai_prices import load_snapshot
from ipython_llmnumbers.files.writing import writing_nothing

# Around the constraints of the table: gemini-4-argon's days, DeepSeek's hours (16:30 to 00:30 UTC).
MOMENTS = [
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime(2025, 9, 5, 16, 29, 59, tzinfo=UTC),
    datetime(2025, 9, 5, 16, 30, tzinfo=UTC),
    datetime(2025, 9, 6, 0, 30, tzinfo=UTC),
    datetime(2026, 11, 24, 2, tzinfo=UTC),
    datetime(2026, 12, 1, 12, tzinfo=UTC),
]
CONTEXTS = [None, {"processing": "batch"}, {"service_tier": "flex"}, {"service_tier": "priority"}]


def plain(prices):
    """Prices of either package by their names: an amount, or one with its tiers."""

    def of(price):
        if price is None or not hasattr(price, "tiers"):
            return price
        return (price.base, [(tier.start, tier.price) for tier in price.tiers])

    return {name: of(price) for name, price in vars(prices).items() if price is not None}


def test_each_row_has_the_prices_of_genai_prices_at_each_moment_and_for_each_processing():
    ours, theirs = load_snapshot().providers, get_snapshot().providers
    assert [each.id for each in ours] == [each.id for each in theirs]
    n_compared = 0
    for mine, their in zip(ours, theirs, strict=True):
        assert (mine.name, mine.pricing_urls) == (their.name, their.pricing_urls or [])
        assert [each.id for each in mine.models] == [each.id for each in their.models]
        for row, original in zip(mine.models, their.models, strict=True):
            assert row.context_window == original.context_window
            assert bool(row.deprecated) == bool(original.deprecated)
            for moment in MOMENTS:
                for context in CONTEXTS:
                    expected = plain(original.get_prices(moment, context))
                    assert plain(row.get_prices(moment, context)) == expected, (row.id, moment, context)
                    n_compared += 1
    assert n_compared > 50_000


def names():
    """Each id, and what people make of one: in capitals, dated either way, behind its provider's name."""
    for provider in get_snapshot().providers:
        for model in provider.models:
            yield model.id
    for model in (
        "gpt-4o",
        "gpt-5.2",
        "claude-opus-5-5",
        "gemini-2.5-pro",
        "deepseek-chat",
        "grok-4",
        "llama-3",
    ):
        yield from (
            model.upper(),
            f"{model}-20251211",
            f"{model}-2025-12-11",
            f"{model}-20250231",
            f"x/{model}",
        )


@pytest.mark.slow
@pytest.mark.no_cover
def test_a_name_means_the_row_that_genai_prices_finds():
    table, snapshot = load_snapshot(), get_snapshot()
    pairs = list(zip(table.providers, snapshot.providers, strict=True))
    for at, name in enumerate(dict.fromkeys(names())):
        try:
            provider, model = snapshot.find_provider_model(name, None, None, None)
            expected = (provider.id, model.id)
        except LookupError:
            expected = None
        found = table.guess(name)
        assert (found and (found[0].id, found[1].id)) == expected, name
        for mine, theirs in pairs[at % 8 :: 8]:  # each provider is asked for hundreds
            row, original = mine.find_model(name), theirs.find_model(name)
            assert (row and row.id) == (original and original.id), (name, mine.id)
            row = mine.find_model(name, all_providers=table.providers)
            original = theirs.find_model(name, all_providers=snapshot.providers)
            assert (row and row.id) == (original and original.id), (name, mine.id)


def test_the_same_table_is_written_by_the_build():
    head, *lines = compact_table.packaged_text().splitlines()
    assert lines == compact_table.compact(get_snapshot())
    assert json.loads(head)[0] == "0.2.3"


# What a first answer imports, and how often it imports genai-prices' own parts: a quarter of a second.
_ESTIMATE = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "ipython_llmnumbers")
before = set(sys.modules)
shell.display_formatter.format(shell.run_line_magic(*sys.argv[1].split(" ", 1)))
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))
"""


def imported(line):
    """The packages that a first answer imports beside IPython's, in a process of its own."""
    run = subprocess.run([sys.executable, "-c", _ESTIMATE, line], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("llmcost -m gpt-4o --out 300 hello world", {"splintr"}),
        ("llmcost -m gpt-4o,claude-opus-5-5,gemini-2.5-pro hello world", {"splintr"}),
        ("tokens -m gpt-4o hello world", {"splintr"}),
        ("gpufit llama-3.1-8b --gpu L4", set()),
        ("llmnumbers tokens_per_word", {"splintr"}),
    ],
)
def test_a_first_answer_imports_neither_a_validator_nor_an_http_client(line, needed):
    imported(line)  # where the build left no table, this makes it
    found = imported(line)
    assert found <= {"ipython_llmnumbers", "platformdirs"} | needed


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A user's cache that no table is in, and a package whose build left none."""
    import platformdirs

    monkeypatch.setattr(compact_table, "FILE", "prices/none.jsonl")
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache" / "none.jsonl"


def made(monkeypatch):
    """Whether the table was made of genai-prices, and what it prices gpt-4o at."""
    asked = []
    with monkeypatch.context() as patch:
        patch.setattr(compact_table, "compact", lambda snapshot: asked.append(1) or _compact(snapshot))
        row = compact_table.table_of_wheel().guess("gpt-4o")[1]
    return bool(asked), row.get_prices(MOMENTS[-1]).input_mtok


_compact = compact_table.compact


@pytest.mark.usefixtures("cache")
def test_the_table_is_made_once_for_an_installed_version(monkeypatch):
    first = made(monkeypatch)
    assert first[0]
    assert made(monkeypatch) == (False, first[1])


@pytest.mark.parametrize(
    "harm",
    [
        lambda _: "",
        lambda text: text[:-40],
        lambda text: text.replace('"2.5"', '"0.5"', 1),
        lambda text: text.replace('["0.2.3"', '["0.2.2"', 1),
        lambda _: "[]\n" * 9,
        lambda text: "\x00" + text,
    ],
    ids=["empty", "cut", "another price", "another version", "no table", "damaged"],
)
def test_a_kept_table_that_is_not_as_it_was_made_is_made_again(cache, monkeypatch, harm):
    right = made(monkeypatch)
    text = cache.read_text("utf-8")
    cache.write_text(harm(text), "utf-8")
    assert made(monkeypatch) == right
    assert cache.read_text("utf-8") == text
    assert made(monkeypatch) == (False, right[1])


@pytest.mark.usefixtures("cache")
def test_another_content_of_the_same_version_makes_it_again(monkeypatch):
    made(monkeypatch)
    stamp = compact_table._stamp()
    monkeypatch.setattr(compact_table, "_stamp", lambda: [stamp[0], "another", *stamp[2:]])
    assert made(monkeypatch)[0]


def test_a_cache_that_cannot_be_written_costs_only_time(cache, monkeypatch):
    cache.parent.parent.joinpath("cache").write_text("a file in its place")
    assert made(monkeypatch)[0]
    assert made(monkeypatch)[0]


def test_while_nothing_is_written_no_table_is_kept(cache, monkeypatch):
    """The live line's process writes no file (SECURITY.md)."""
    with writing_nothing():
        assert made(monkeypatch)[0]
    assert not cache.parent.exists()


def test_a_table_that_is_given_to_genai_prices_counts_from_then_on():
    wheel = find_price("gpt-4o").input.base_usd_per_mtok
    openai = next(each for each in get_snapshot().providers if each.id == "openai")
    model = genai_prices.types.ModelInfo(
        id="gpt-4o",
        match=genai_prices.types.ClauseEquals("gpt-4o"),
        prices=genai_prices.types.ModelPrice(input_mtok=Decimal(7)),
    )
    given = DataSnapshot(
        [genai_prices.types.Provider("openai", "OpenAI", "", models=[model])], from_auto_update=True
    )
    try:
        genai_prices.data_snapshot.set_custom_snapshot(given)
        assert load_snapshot().fetched == given.timestamp.date()
        assert [each.id for each in load_snapshot().providers] == ["openai"]
        assert find_price("gpt-4o").input.base_usd_per_mtok == 7
    finally:
        genai_prices.data_snapshot.set_custom_snapshot(None)
    assert openai.find_model("gpt-4o") is not None
    assert estimate_cost("hello", "gpt-4o")["input_usd_per_mtok"].value == wheel
