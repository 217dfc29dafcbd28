"""How numbers are written, on each side of the value where the way changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ipython_llmnumbers.figures import assumed
from ipython_llmnumbers.render import formats
from ipython_llmnumbers.render.figure_text import range_text, value_text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.9999", "$0.9999"),
        ("0.99995", "$1.00"),
        ("1", "$1.00"),
        ("9999.99", "$9,999.99"),
        ("10000", "$10,000"),
        ("10000.5", "$10,000"),
        ("-10000", "−$10,000"),
        ("-0.5", "−$0.50"),
    ],
)
def test_dollars(amount, text):
    assert formats.usd(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "digits", "text"),
    [("0.994", 2, "$0.99"), ("0.996", 2, "$1.00"), ("0.9994", 3, "$0.999"), ("0.9996", 3, "$1.00")],
)
def test_dollars_that_are_rounded_up_to_one(amount, digits, text):
    assert formats.usd(Decimal(amount), digits) == text


def test_a_range_of_dollars_up_to_one():
    figure = assumed("x", Decimal("0.8"), "USD", "a guess", low=Decimal("0.7"), high=Decimal("0.997"))
    assert value_text(figure) == "≈$0.80, $0.70–1.00"


@pytest.mark.parametrize(
    ("amount", "code", "text"),
    [
        ("0.5", "EUR", "€0.50"),
        ("0.9999", "EUR", "€0.9999"),
        ("0.99999", "EUR", "€1.00"),
        ("1", "EUR", "€1.00"),
        ("9999.99", "EUR", "€9,999.99"),
        ("10000", "EUR", "€10,000"),
        ("99.5", "JPY", "¥99.50"),
        ("100", "JPY", "¥100"),
        ("0", "CHF", "CHF 0"),
    ],
)
def test_another_currency(amount, code, text):
    assert formats.money(Decimal(amount), code) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1 KiB"),
        (2**19 - 1, "512 KiB"),
        (2**19, "0.50 MiB"),
        (10 * 2**20 - 2**13, "9.99 MiB"),
        (10 * 2**20, "10 MiB"),
        (2**30 - 2**20, "1,023 MiB"),
        (2**30, "1.0 GiB"),
        (1000 * 2**30 - 2**28, "999.8 GiB"),
        (1000 * 2**30, "1,000 GiB"),
        (-(2**30), "-1.0 GiB"),
    ],
)
def test_sizes(size, text):
    assert formats.size_bytes(size) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(999.4, "999"), (1000.4, "1,000"), (1000, "1,000"), (0.1234, "0.123"), (12.5, "12.5")],
)
def test_plain_numbers(number, text):
    assert formats.decimal_number(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(999_999, "999,999"), (10**6, "1M"), (10**9, "1B"), (10**12, "1T"), (1.5 * 10**9, "1.5B")],
)
def test_short_numbers(number, text):
    assert formats.short_number(number) == text


@pytest.mark.parametrize(
    ("unit", "one", "two"),
    [
        ("rows", "1 row", "2 rows"),
        ("documents", "1 document", "2 documents"),
        ("queries", "1 query", "2 queries"),
        ("patches", "1 patch", "2 patches"),
        ("GPUs", "1 GPU", "2 GPUs"),
        ("GPU-h", "1 GPU-hour", "2 GPU-hours"),
        ("tokens/s", "1 token/s", "2 tokens/s"),
        ("bytes/parameter", "1 byte", "2 bytes"),
    ],
)
def test_one_of_a_unit_is_in_the_singular(unit, one, two):
    assert [value_text(assumed("x", n, unit, "a guess")) for n in (1, 2)] == [one, two]
    ranged = assumed("x", 1, unit, "a guess", low=1, high=2)
    assert range_text(ranged).endswith(two.removeprefix("2 "))
