"""Formulas at their limits, on both sides, with values computed by hand; examples are in the docstrings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ipython_llmnumbers.formulas import (
    chat,
    cost,
    images,
    kv,
    memory,
    overhead,
    ratios,
    speed,
    tokens,
    training,
    training_memory,
)

# -- images -------------------------------------------------------------------------------


# OpenAI, "Images and vision": fit into 2,048 × 2,048, the short side to 768, 170 a tile of 512 and 85 more.
@pytest.mark.parametrize(
    ("width", "height", "tiles"),
    [
        (512, 512, 1),  # neither limit applies, and nothing is made larger
        (513, 512, 2),
        (512, 513, 2),
        (768, 768, 4),
        (4096, 1024, 4),  # halved: 2,048 × 512
        (1024, 4096, 4),
        (2072, 1036, 6),  # the short side to 768, and the long one to exactly 3 tiles
        (1036, 2072, 6),
        (4096, 4096, 4),
    ],
)
def test_tiles(width, height, tiles):
    assert images.tiles_tokens(width, height, 85, 170, 768) == 85 + 170 * tiles


# -- memory -------------------------------------------------------------------------------


@pytest.mark.parametrize(("index_head_dim", "scales"), [(128, 1), (129, 2), (256, 2), (257, 3)])
def test_an_index_has_a_scale_of_four_bytes_for_each_128_numbers(index_head_dim, scales):
    assert kv.index_bytes_per_token(1, index_head_dim) == index_head_dim + 4 * scales


@pytest.mark.parametrize(("window", "cells"), [(0, 256), (1, 512), (256, 512), (257, 768)])
def test_a_window_is_kept_in_steps_of_256(window, cells):
    assert kv.window_cells(window, 256) == cells


# Each of 7 sequences gets (free - 200 - 100) // 7 bytes, of which 10 are a state.
@pytest.mark.parametrize(
    ("free", "per_token", "window", "expected"),
    [
        (1000, 9, 10, 8192),  # 90 bytes for a window of 90
        (1000, 9, 11, 10),  # 90 bytes for a window of 99
        (1035, 9, 11, 10),  # 95
        (1006, 9, 11, 10),  # 90 and 6 / 7
        (349, 1, 10, 0),  # -3
        (419, 1, 10, 7),
        (370, 0, 0, 8192),  # the state alone, which just fits
        (369, 0, 0, 0),
    ],
)
def test_a_context_where_each_layer_has_a_window(free, per_token, window, expected):
    found = kv.max_windowed_context_tokens(free, 200, 100, 7, per_token, window, 10, 1, 8192)
    assert repr(found) == str(expected)


def test_a_window_longer_than_the_model_is_not_filled():
    assert kv.max_windowed_context_tokens(1000, 200, 100, 1, 1, 4096, 10, 1, 512) == 512
    assert kv.max_windowed_context_tokens(600, 200, 100, 1, 1, 4096, 10, 1, 512) == 290
    assert kv.max_windowed_context_tokens(600, 200, 100, 1, 1, 4096, 10, 16, 512) == 288  # whole blocks


@pytest.mark.parametrize(
    ("free", "vocab_size", "expected"), [(1300, 25, 5), (1299, 25, 4), (300, 25, 0), (299, 0, 0)]
)
def test_a_batch_of_whole_sequences(free, vocab_size, expected):
    assert kv.max_batch_size(free, 200, 100, 100, vocab_size, 0) == expected


# 1,000 bytes, 100 for a row of logits: three rows serve three sequences of 100; of ten, each has its own.
@pytest.mark.parametrize(
    ("sequence", "rows", "expected"),
    [(100, 0, 5), (100, 3, 5), (100, 7, 3), (100, 11, 0), (10, 3, 9), (0, 3, 10)],
)
def test_a_batch_beside_rows_of_logits(sequence, rows, expected):
    assert kv.max_batch_size(1300, 200, 100, sequence, 25, rows) == expected


def test_no_room_is_no_sequence_however_small():
    assert kv.max_batch_size(299, 200, 100, 1, 0, 0) == 0


@pytest.mark.parametrize(("free", "left"), [(11, 1), (10, 0), (9, 0)])
def test_what_is_left_is_never_less_than_nothing(free, left):
    assert memory.left_bytes(free, 10) == left


def test_each_part_of_a_sum_adds_to_it():
    assert chat.input_tokens(text_tokens=1, frame_tokens=20, tool_tokens=300, image_tokens=4000) == 4321
    assert overhead.summed_overhead_bytes(1, 20, 300) == 321
    # 4 bytes a word for 3 rows of logits, or for 5 sequences if those are more.
    assert memory.overhead_bytes(1, 25, 3, 2, 1000) == 1301
    assert memory.overhead_bytes(1, 25, 3, 5, 1000) == 1501
    assert training_memory.peak_bytes(1, 20, 300, 4000, 50_000) == 54_321
    assert speed.layers_latency_s(10, 1.0, 2.0, 4.0) == 70.0


def test_activations_with_norms_in_32_bits_and_scores():
    # 10 numbers of 2 bytes, 3 of them with 4 more, and 7 scores of 5 bytes.
    assert training_memory.activation_bytes_per_token(10, 2, 3, 4, 7, 5) == 20 + 12 + 35


# -- money, speed, ratios -----------------------------------------------------------------


@pytest.mark.parametrize(("cached", "written", "fresh"), [(600, 399, 1), (600, 400, 0), (600, 401, 0)])
def test_fresh_tokens_are_never_less_than_none(cached, written, fresh):
    assert cost.fresh_tokens(1000, cached, written) == fresh


def test_a_machine_of_3_60_dollars_that_makes_3_600_000_tokens_an_hour():
    assert ratios.self_hosted_usd_per_mtok(Decimal("3.60"), 1000) == 1


def test_an_hour_at_half_the_peak_is_an_mfu_of_a_half():
    assert training.implied_mfu(1800 * 10**12, 1, 10**12) == 0.5


def test_a_margin_moves_a_mixed_ratio_by_its_share():
    assert tokens.mixed_ratio([2.0, 4.0], [0.5, 0.5], 0.25) == 3.75
    assert tokens.mixed_ratio([2.0, 4.0], [0.5, 0.5], -0.25) == 2.25


def test_a_mixture_needs_a_share_of_each_kind():
    with pytest.raises(ValueError, match="zip"):
        tokens.mixed_ratio([2.0, 4.0], [1.0], 0)
