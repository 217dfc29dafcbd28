"""What `derive` claims of the formulas: the range of the inputs gives exactly the range of the value.

That is so if a formula rises or falls with each ranged input. Each formula is asked for each of its
inputs; what turns is listed, and `tests/test_labels.py` holds that no estimate gives it a range.
"""

from __future__ import annotations

import inspect
from decimal import Decimal
from importlib import import_module
from itertools import product
from pkgutil import iter_modules

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from ipython_llmnumbers import formulas
from ipython_llmnumbers.figures import assumed, derive
from ipython_llmnumbers.formulas import (
    conversation,
    cost,
    images,
    kv,
    memory,
    parameters,
    quiz,
    ratios,
    speed,
    tokens,
)

pytestmark = [pytest.mark.slow, pytest.mark.hypothesis, pytest.mark.no_cover]

FORMULAS = [
    function
    for module in iter_modules(formulas.__path__)
    for _, function in inspect.getmembers(
        import_module(f"{formulas.__name__}.{module.name}"), inspect.isfunction
    )
    if function is not tokens.mixed_ratio  # of lists, which are no figures
]


def name_of(function):
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


# A formula that takes any number of figures is asked with these.
PARTS = ("first", "second", "third")

_PATCHES = {"most_patches": 1536, "longest_px": 2048, "tokens_per_patch": Decimal(1)}
_CLAUDE = {"most_tokens": 1568, "longest_px": 1568, "block_tokens": 0}
_TILES = {"base_tokens": 85, "tokens_per_tile": 170, "short_side_px": 768}
# Inputs with which a formula neither rises nor falls throughout: the others, and three values that show it.
TURNS = {
    **{
        (formula, side): ({other: across, **numbers}, sizes)
        for formula, across, numbers, sizes in (
            (images.tiles_tokens, 768, _TILES, (700, 2048, 4000)),
            (images.patches_tokens, 384, _PATCHES, (300, 1536, 4000)),
            (images.claude_tokens, 384, _CLAUDE, (300, 700, 4000)),
            (images.crops_tokens, 768, {}, (300, 700, 1100)),
            (images.grid_tokens, 384, {"most_tokens": 1120}, (300, 384, 700)),
            (images.qwen_tokens, 384, {"most_tokens": 1000, "block_tokens": 0}, (300, 2048, 4000)),
            (images.rows_tokens, 384, {"patch_px": 16, "longest_px": 1024}, (300, 384, 4000)),
        )
        for side, other in (("width_px", "height_px"), ("height_px", "width_px"))
    },
    (images.patches_tokens, "longest_px"): (
        {"width_px": 4687, "height_px": 3572, "most_patches": 1536, "tokens_per_patch": Decimal(1)},
        (1350, 1409, 2000),
    ),
    (kv.rounded_tokens, "block_tokens"): ({"context_tokens": 20}, (10, 15, 20)),
    (kv.whole_blocks_tokens, "block_tokens"): ({"fitting_tokens": 20}, (10, 15, 20)),
    (kv.max_windowed_context_tokens, "block_tokens"): (
        {
            "free_bytes": 20,
            "weights_bytes": 0,
            "overhead_bytes": 0,
            "batch_size": 1,
            "fixed_bytes": 0,
            "sliding_bytes_per_token": 1,
            "window_tokens": 100,
            "model_context_tokens": 100,
        },
        (10, 15, 20),
    ),
    (quiz.orders_of_magnitude_off, "guess"): ({"low": 10, "high": 20}, (1, 15, 100)),
    (quiz.percentage_points_off, "guess"): ({"low": 10, "high": 20}, (1, 15, 100)),
    (quiz.scaled_points, "constant_points"): ({"total_points": 10, "most_points": 12}, (1, 6, 12)),
    (quiz.scaled_points, "most_points"): ({"total_points": 10, "constant_points": 6}, (6, 12, 30)),
}

# What an input can be where that is not any positive number.
_MORE, _FEW = st.integers(10**4, 10**6), st.integers(1, 64)
DOMAINS = {
    (conversation.turns_tokens, "first"): st.integers(1, 50),
    (conversation.turns_tokens, "last"): st.integers(50, 500),
    (images.claude_tokens, "most_tokens"): st.integers(1, 5_000),  # it tries each number of columns
    (memory.per_gpu_bytes, "weights_bytes"): _MORE,  # of which the replicated are a part
    (parameters.active_params, "params"): _MORE,  # of which the experts are a part
    (parameters.active_params, "n_experts"): st.integers(64, 512),
    (parameters.active_params, "n_experts_used"): _FEW,
    (speed.experts_read, "n_experts"): st.integers(64, 512),
    (speed.experts_read, "n_experts_used"): _FEW,
    (speed.experts_read, "batch_size"): _FEW,
    (memory.shared_weights_bytes, "bytes_per_param"): st.floats(0.1, 2),
    (memory.shared_weights_bytes, "kept_bytes_per_param"): st.floats(2, 4),  # kept in the larger type
    # A cache is read for less than the input costs, and written for more.
    (cost.cache_pays_from_call, "read_usd_per_mtok"): st.integers(1, 10).map(Decimal),
    (cost.cache_pays_from_call, "input_usd_per_mtok"): st.integers(11, 50).map(Decimal),
    (cost.cache_pays_from_call, "write_usd_per_mtok"): st.integers(51, 99).map(Decimal),
    (ratios.price_fall_per_year, "days_between"): st.integers(90, 3650),
    (ratios.output_percent_at_ratio, "prompt_usd_per_mtok"): st.integers(1, 10).map(Decimal),
    **{
        (cost.repaying_reads, f"{name}_usd_per_mtok"): st.integers(least, most).map(Decimal)
        for name, least, most in (("read", 1, 10), ("input", 11, 50), ("write", 51, 99))
    },
    (conversation.loop_tokens, "steps"): st.integers(1, 100),
    (conversation.cached_loop_tokens, "steps"): st.integers(2, 100),
    (ratios.output_percent_at_ratio, "output_usd_per_mtok"): st.integers(11, 99).map(Decimal),
    (ratios.output_percent_at_ratio, "cheaper_usd_per_mtok"): st.integers(11, 99).map(Decimal),
    (ratios.blended_usd_per_mtok, "prompt_usd_per_mtok"): st.integers(1, 10).map(Decimal),
    (ratios.blended_usd_per_mtok, "output_usd_per_mtok"): st.integers(11, 99).map(Decimal),
}
# The way that one input moves the value depends on others here, so only one at a time has a range.
ONE_AT_A_TIME = {ratios.blended_cost_ratio, ratios.price_fall_per_year, ratios.output_percent_at_ratio}


def values_of(function, name, annotation):
    if (function, name) in DOMAINS:
        return DOMAINS[function, name]
    if name.endswith("percent"):
        return st.integers(0, 100).map(Decimal)
    if name.endswith(("share", "utilization", "mfu", "efficiency")):
        return st.floats(0.01, 0.99)
    if "Decimal" in annotation:
        return st.decimals("0.01", 100, places=2)
    return st.floats(0.01, 1000) if annotation == "float" else st.integers(1, 10**4)


def inputs_of(function):
    """Each input of a formula, and the values that it can have."""
    for name, parameter in inspect.signature(function).parameters.items():
        for key in PARTS if parameter.kind is parameter.VAR_KEYWORD else (name,):
            yield key, values_of(function, key, str(parameter.annotation))


def steady_inputs(function):
    """Those with which a formula rises or falls throughout."""
    return [name for name, _ in inputs_of(function) if (function, name) not in TURNS]


EACH_STEADY_FORMULA = pytest.mark.parametrize(
    "function", [function for function in FORMULAS if steady_inputs(function)], ids=name_of
)


def three(strategy):
    return st.tuples(strategy, strategy, strategy).map(sorted)


def quarter(test):
    """A quarter of the profile's examples: there are a hundred formulas."""
    return settings(max_examples=settings.default.max_examples // 4)(test)


def slack(*values):
    """How far rounding may move a value: the last digits of a float, or of a Decimal."""
    greatest = max(map(abs, values))
    return 0 if isinstance(greatest, int) else greatest * type(greatest)("1e-12")


@EACH_STEADY_FORMULA
def test_a_formula_rises_or_falls_with_each_input(function):
    inputs, steady = dict(inputs_of(function)), steady_inputs(function)

    @quarter
    @for_all(st.sampled_from(steady), st.data())
    def check(moving, data):
        others = {name: data.draw(strategy) for name, strategy in inputs.items() if name != moving}
        ends = data.draw(three(inputs[moving]))
        first, second, third = (function(**others, **{moving: end}) for end in ends)
        most = slack(first, second, third)
        assert min(first, third) - most <= second <= max(first, third) + most, (moving, ends, others)

    check()


@pytest.mark.parametrize(
    ("function", "moving"), TURNS, ids=lambda each: each if isinstance(each, str) else name_of(each)
)
def test_what_is_listed_as_turning_does(function, moving):
    others, ends = TURNS[function, moving]
    first, second, third = (function(**others, **{moving: end}) for end in ends)
    assert second > max(first, third) or second < min(first, third)


@EACH_STEADY_FORMULA
def test_a_range_holds_every_value_and_ends_in_the_extreme_corners(function):
    inputs, steady = dict(inputs_of(function)), steady_inputs(function)
    at_a_time = 1 if function in ONE_AT_A_TIME else len(steady)

    @quarter
    @for_all(st.permutations(steady), st.data())
    def check(order, data):
        ranges = {name: data.draw(three(strategy)) for name, strategy in inputs.items()}
        for name in set(inputs) - set(order[:at_a_time]):
            ranges[name] = [ranges[name][1]] * 3
        figures = {
            name: assumed(name, middle, "", "drawn", low=low, high=high)
            for name, (low, middle, high) in ranges.items()
        }
        derived = derive("value", "", function, **figures)
        chosen = {name: data.draw(st.sampled_from(values)) for name, values in ranges.items()}
        value = function(**chosen)
        most = slack(value, derived.low, derived.high)
        assert derived.low - most <= value <= derived.high + most, chosen
        corners = [
            function(**dict(zip(ranges, corner, strict=True)))
            for corner in product(*({low, high} for low, _, high in ranges.values()))
        ]
        assert abs(derived.low - min(corners)) <= most, ranges
        assert abs(derived.high - max(corners)) <= most, ranges

    check()


def ranged(name, low, middle, high):
    return assumed(name, middle, "tokens", "a range", low=low, high=high)


def test_an_input_that_changes_nothing_in_the_middle_moves_an_end():
    """In the middle nothing is left, whichever of the three moves alone."""
    three_ranges = {name: ranged(name, 0, 5, 10) for name in ("input_tokens", "cached_tokens")}
    written = ranged("cache_write_tokens", 0, 5, 10)
    fresh = derive("fresh", "tokens", cost.fresh_tokens, **three_ranges, cache_write_tokens=written)
    assert (fresh.low, fresh.value, fresh.high) == (0, 0, 10)


def test_the_rounding_of_a_float_is_no_direction():
    """One token meets one expert, however many there are: 1.0 of 64, 0.99… of 78 by rounding."""
    experts, batch = ranged("n_experts", 64, 64, 78), ranged("batch_size", 1, 1, 2)
    one = ranged("n_experts_used", 1, 1, 1)
    read = derive("read", "", speed.experts_read, n_experts=experts, n_experts_used=one, batch_size=batch)
    assert read.high == speed.experts_read(78, 1, 2)


def test_two_inputs_that_move_only_one_end_together_do():
    """One more free byte holds the longer context, one more token of context the byte: none does alone."""
    free, batch = ranged("free_bytes", 5, 5, 7), ranged("batch_size", 1, 2, 2)
    sliding, fixed = ranged("sliding_bytes_per_token", 2, 2, 3), ranged("fixed_bytes", 1, 1, 2)
    others = {name: ranged(name, 1, 1, 1) for name in ("weights_bytes", "overhead_bytes")}
    read = derive(
        "read",
        "tokens",
        kv.max_windowed_context_tokens,
        free_bytes=free,
        batch_size=batch,
        sliding_bytes_per_token=sliding,
        window_tokens=ranged("window_tokens", 2, 2, 2),
        fixed_bytes=fixed,
        block_tokens=ranged("block_tokens", 1, 1, 1),
        model_context_tokens=ranged("model_context_tokens", 1, 1, 2),
        **others,
    )
    assert read.high == kv.max_windowed_context_tokens(7, 1, 1, 1, 2, 2, 1, 1, 2) == 2


def test_one_figure_under_two_names_moves_as_one():
    length, other = ranged("tokens", 90, 100, 110), ranged("tokens", 90, 100, 110)

    def ends(cached):
        inputs = {
            "input_tokens": length,
            "cached_tokens": cached,
            "cache_write_tokens": ranged("none", 0, 0, 0),
        }
        fresh = derive("fresh", "tokens", cost.fresh_tokens, **inputs)
        return fresh.low, fresh.high

    assert ends(length) == (0, 0)
    assert ends(other) == (0, 20)


@pytest.mark.parametrize("n", [24, 300])
def test_the_work_grows_with_the_number_of_inputs_not_with_their_corners(n):
    calls = 0

    def counted(**parts):
        nonlocal calls
        calls += 1
        return cost.sum_usd(**parts)

    parts = {f"part_{i}": ranged("part", Decimal(1), Decimal(2), Decimal(4)) for i in range(n)}
    total = derive("total", "USD", counted, **parts)
    assert (total.low, total.value, total.high) == (n, 2 * n, 4 * n)
    assert calls <= 2 * n + 3
