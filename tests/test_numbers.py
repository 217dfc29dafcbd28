"""The 14 numbers of the 2023 document, recomputed from the inputs that it gives.

Every expected value is printed in https://github.com/ray-project/llm-numbers (README.md of
2023-05-17) unless a comment names another source.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from ipython_llmnumbers.catalog.numbers_2023 import (
    all_number_keys,
    first_screen_keys,
    input_2023,
    is_published,
    late_number_keys,
    new_number_keys,
    number_keys,
    published_number,
)
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.errors import UnknownNameError
from ipython_llmnumbers.estimates.numbers.estimate import estimate_number, estimate_numbers
from ipython_llmnumbers.estimates.numbers.formulas_2023 import FORMULAS_2023
from ipython_llmnumbers.estimates.numbers.formulas_2026 import FORMULAS_2026
from ipython_llmnumbers.estimates.numbers.formulas_newer import FORMULAS_NEWER, WORKED
from ipython_llmnumbers.estimates.numbers.formulas_today import FORMULAS_TODAY
from ipython_llmnumbers.estimates.numbers.inputs import Lookup, Spread, Term
from ipython_llmnumbers.figures import Figure

ALL = estimate_numbers()
NUMBERS = {part.subject: estimate_number(part.subject) for part in ALL.parts}

# The document's headings, top to bottom.
IN_ORDER = [
    "be_concise_saving",
    "tokens_per_word",
    "gpt4_to_gpt35_cost",
    "generation_to_embedding_cost",
    "embedding_to_self_hosted_cost",
    "fine_tuned_to_base_cost",
    "self_hosted_fine_tuned_to_base_cost",
    "training_13b_cost",
    "fine_tuning_to_training_cost",
    "gpu_memory",
    "serving_bytes_per_param",
    "embedding_model_memory",
    "batching_throughput",
    "kv_memory_per_token_13b",
]
WITHOUT_INPUTS = {
    "be_concise_saving",
    "self_hosted_fine_tuned_to_base_cost",
    "gpu_memory",
    "embedding_model_memory",
}


def figure(key: str, name: str) -> Figure:
    found = NUMBERS[key][name]
    assert isinstance(found, Figure)
    return found


def test_the_14_numbers_stand_in_the_documents_order_before_the_new_ones() -> None:
    assert [part.subject for part in ALL.parts][:14] == IN_ORDER == list(number_keys())
    assert [part.subject for part in ALL.parts][14:24] == list(new_number_keys())
    assert [part.subject for part in ALL.parts][:25] == list(first_screen_keys())
    assert [part.subject for part in ALL.parts][25:] == list(late_number_keys())


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("tokens_per_word", 1.3, "tokens/word"),
        ("gpt4_to_gpt35_cost", 50, "×"),
        ("generation_to_embedding_cost", 5, "×"),
        ("embedding_to_self_hosted_cost", 10, "×"),
        ("fine_tuned_to_base_cost", 6, "×"),
        ("self_hosted_fine_tuned_to_base_cost", 1, "×"),
        ("training_13b_cost", 1_000_000, "USD"),
        ("fine_tuning_to_training_cost", 0.001, "×"),
        ("serving_bytes_per_param", 2, "bytes/parameter"),
        ("embedding_model_memory", 10**9, "bytes"),
        ("batching_throughput", 10, "×"),
        ("kv_memory_per_token_13b", 10**6, "bytes/token"),
    ],
)
def test_published_value_is_the_documents(key: str, value: float, unit: str) -> None:
    published = figure(key, "published")
    assert (published.value, published.unit, published.origin) == (value, unit, "published")


def test_published_ranges() -> None:
    saving, memory = figure("be_concise_saving", "published"), figure("gpu_memory", "published")
    assert (saving.low, saving.high) == (40, 90)
    assert (memory.low, memory.high) == (16 * 2**30, 80 * 2**30)


@pytest.mark.parametrize(
    ("key", "name", "published", "tolerance"),
    [
        # 1,000 tokens / 750 words = 1.33, printed with one decimal.
        ("tokens_per_word", "recomputed", 1.3, 0.03),
        # $0.002 / $0.0004 per 1k tokens.
        ("generation_to_embedding_cost", "recomputed", 5, 0),
        # $0.40 per Mtok / ($1.20 / 32.4M tokens an hour) = 10.8, "please consider this approximate".
        ("embedding_to_self_hosted_cost", "recomputed", 10, 0.1),
        # $0.12 / $0.02 per 1k tokens.
        ("fine_tuned_to_base_cost", "recomputed", 6, 0),
        # 135,168 GPU-h (arXiv 2302.13971, Table 15) × 1.4 × $5 = $946k.
        ("training_13b_cost", "recomputed", 1e6, 0.06),
        # 1 million words / 0.75 / 1000 × 0.03, whole tokens.
        ("fine_tuning_to_training_cost", "shakespeare_recomputed_usd", 40, 1e-6),
        ("serving_bytes_per_param", "recomputed", 2, 0),
        ("serving_bytes_per_param", "serving_7b_recomputed_bytes", 14e9, 0),
    ],
)
def test_recomputed_reproduces_the_document(key: str, name: str, published: float, tolerance: float) -> None:
    value = figure(key, name).value
    assert value is not None
    assert float(value) == pytest.approx(published, rel=tolerance, abs=0)


def test_bounds_hold() -> None:
    """ "< 0.001" for $7 and $40 over $1M, and "> 10x" for 25 queries in 10 s against one in 5 s."""
    fine_tuning = NUMBERS["fine_tuning_to_training_cost"]
    assert float(fine_tuning["recomputed"].value) == pytest.approx(7e-6)
    assert float(fine_tuning["shakespeare_to_training"].value) == pytest.approx(4e-5)
    assert float(fine_tuning["shakespeare_to_training"].value) < fine_tuning["published"].value
    assert figure("batching_throughput", "recomputed").value == 12.5


# The figures that do not come out of the document's inputs: what does, and the words of
# the note that say so.
@pytest.mark.parametrize(
    ("key", "name", "value", "note"),
    [
        ("gpt4_to_gpt35_cost", "recomputed", 45, "45:1 at equal lengths"),
        ("gpt4_to_gpt35_cost", "recomputed_8k", 22.5, "8k version is half"),
        ("gpt4_to_gpt35_cost", "output_percent_at_published", 200 / 3, "answers twice as long"),
        ("generation_to_embedding_cost", "gpt4_to_embedding_recomputed", 225, "225:1 at equal lengths"),
        # arXiv 2302.13971, section 2.4: 21 days on 2048 GPUs is the 65B model.
        ("training_13b_cost", "cited_65b_run_usd", 5_160_960, "65B run, $5.2M"),
        ("fine_tuning_to_training_cost", "shakespeare_by_tokens_per_word_usd", 39, "it is $39"),
        # LLaMA-13B, arXiv 2302.13971, Table 2: 40 layers × 5,120 × 2 (key, value) × 2 bytes.
        ("kv_memory_per_token_13b", "recomputed", 40 * 5120 * 2 * 2, "819,200 bytes (0.78 MiB)"),
        ("kv_memory_per_token_13b", "output_512_recomputed_bytes", 400 * 2**20, "400 MiB"),
        ("kv_memory_per_token_13b", "output_batch_recomputed_bytes", 6.25 * 2**30, "6.25 GiB"),
    ],
)
def test_what_does_not_come_out_is_noted(key: str, name: str, value: float, note: str) -> None:
    recomputed = figure(key, name).value
    assert recomputed is not None
    assert float(recomputed) == pytest.approx(value)
    assert note in NUMBERS[key].notes[0].text


@pytest.mark.parametrize(
    ("key", "name", "low", "high"),
    [
        # All prompt to all answer: $0.06 and $0.12 over $0.002, then over $0.0004.
        ("gpt4_to_gpt35_cost", "recomputed", 30, 60),
        ("generation_to_embedding_cost", "gpt4_to_embedding_recomputed", 150, 300),
        # 6 × 13e9 × 1.4e12 FLOP at 50 % and 25 % of 312 TFLOP/s, × $5/h.
        ("training_13b_cost", "recomputed_by_flops", 972_222.2222222222, 1_944_444.4444444445),
    ],
)
def test_an_assumption_carries_its_range(key: str, name: str, low: float, high: float) -> None:
    found = figure(key, name)
    assert found.low is not None
    assert found.high is not None
    assert (float(found.low), float(found.high)) == (low, high)


def test_a_number_without_inputs_is_not_recomputed_and_says_why() -> None:
    of_2023 = [part for part in ALL.parts if "published" in part]
    assert {part.subject for part in of_2023 if "recomputed" not in part} == WITHOUT_INPUTS
    assert all(part.notes for part in ALL.parts)


def test_every_published_figure_has_an_address() -> None:
    """That it has a source and a day, and the others what they need, is tests/test_sources.py's."""
    for figure in (figure for number in NUMBERS.values() for figure in number.walk()):
        if figure.origin == "published":
            assert figure.source is not None
            assert figure.source.url is not None
            assert figure.source.url.startswith("https://")


def test_prices_carry_the_day_that_the_document_retrieved_them() -> None:
    """Footnote 2: "Retrieved from http://openai.com/pricing on 2023-05-08"."""
    price = input_2023("gpt4_32k_prompt_usd")
    assert price.source is not None
    assert price.source.checked is not None
    assert price.source.checked.isoformat() == "2023-05-08"


def test_the_estimate_is_json() -> None:
    parts = json.loads(json.dumps(ALL.to_dict()))["parts"]
    by_key = {part["subject"]: part["figures"] for part in parts}
    assert by_key["training_13b_cost"]["recomputed"]["value"] == "946175"
    assert by_key["gpt4_to_gpt35_cost"]["recomputed"]["formula"] == "usd_per_mtok / base_usd_per_mtok"


def keys_in(term: Term) -> set[str]:
    if isinstance(term, str):
        return {term}
    if isinstance(term, Lookup):
        return set(term.arguments)
    if isinstance(term, Spread):
        return set().union(*map(keys_in, term.answers.values()))
    return set().union(*(keys_in(below) for below in term.inputs.values()))


def used_by(rows: Iterable[tuple[Term, ...]]) -> set[str]:
    return set().union(*(keys_in(term) for terms in rows for term in terms))


def test_every_row_and_source_is_used() -> None:
    table = read_table("numbers_2023.toml")
    assert set(table["inputs"]) <= used_by((*FORMULAS_2023.values(), *FORMULAS_2026.values()))
    assert set(FORMULAS_2023) <= {key for key in all_number_keys() if is_published(key)}
    rows = [*table["inputs"].values(), *table["numbers"].values()]
    assert {row["source"] for row in rows if "source" in row} == set(table["sources"])


def test_every_row_of_today_is_used() -> None:
    made = (FORMULAS_TODAY, FORMULAS_NEWER, FORMULAS_2026)
    used = used_by(terms for formulas in made for terms in formulas.values())
    used |= used_by([tuple(WORKED.values())]) | used_by(FORMULAS_2023.values())
    today, late = read_table("numbers_today.toml"), read_table("numbers_2026.toml")
    assert {*today["inputs"], *late["inputs"]} - {"speed_context"} <= used
    assert set().union(*made) == set(all_number_keys())
    for table, sections in (
        (today, ("inputs", "stand_ins", "holders", "account")),
        (late, ("inputs", "numbers")),
    ):
        rows = [row for name in sections for row in _rows(table[name])]
        assert {row["source"] for row in rows if "source" in row} == set(table["sources"])


def _rows(section: object) -> list[dict[str, object]]:
    return list(section.values()) if isinstance(section, dict) else list(section)  # type: ignore[call-overload]


def test_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="tokens_per_word"):
        published_number("tokens_per_wrd")
