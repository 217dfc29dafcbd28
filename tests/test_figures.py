"""A figure keeps how it is known; an estimate keeps its figures."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from ipython_llmnumbers.figures import (
    UNBOUNDED,
    Details,
    Estimate,
    Figure,
    Note,
    Source,
    assumed,
    derive,
    formula_text,
    given,
    measured,
    published,
)
from ipython_llmnumbers.records import dataclass

PAGE = Source("a price page", "https://example.org", date(2026, 11, 1))


def area(width: int, height: int) -> int:
    """The docstring is not the formula."""
    return width * height


def stepwise(side: int) -> int:
    doubled = side * 2
    return doubled + 1


@pytest.mark.parametrize(
    ("origin", "lacking"),
    [
        ("published", "source with a date"),
        ("measured", "source"),
        ("assumed", "source or note"),
        ("derived", "function"),
    ],
)
def test_a_figure_that_cannot_be_checked_cannot_be_built(origin, lacking):
    with pytest.raises(ValueError, match=f"^figure 'x' is {origin} but has no {lacking}$"):
        Figure("x", 1, "", origin)


def test_a_published_figure_needs_the_day_not_only_the_page():
    with pytest.raises(ValueError, match="date"):
        published("x", 1, "", Source("a page", "https://example.org"))


def test_the_formula_is_the_code_that_ran():
    figure = derive("area", "m²", area, width=given("w", 3, "m", "--w"), height=given("h", 4, "m", "--h"))
    assert figure.value == 12
    assert figure.formula == "width * height"
    assert figure.formula_with_values() == "3 * 4"
    assert formula_text(stepwise) == "doubled = side * 2\nreturn doubled + 1"
    assert formula_text(len) == "len"


def test_a_measured_figure_needs_its_instrument_and_an_assumed_one_a_reason():
    undated = Source("a page")
    assert Figure("x", 1, "", "measured", source=undated).source is undated
    assert Figure("x", 1, "", "assumed", source=undated).note == ""
    assert Figure("x", 1, "", "assumed", note="a guess").source is None
    assert Figure("x", 1, "", "given").value == 1


@pytest.mark.parametrize("make", [given, measured, published, assumed], ids=lambda make: make.__name__)
def test_each_way_to_make_a_figure_keeps_all_that_it_is_given(make):
    source = {} if make is given else {"source": PAGE}
    made = make("x", 2, "m", note="a note", low=1, high=4, **source)
    assert made.origin == make.__name__
    assert (made.name, made.value, made.unit, made.note) == ("x", 2, "m", "a note")
    assert (made.low, made.high) == (1, 4)
    assert made.source == source.get("source")
    assert made.has_range
    assert made.approximate


def test_one_end_of_a_range_leaves_the_other_at_the_value():
    assert (given("x", 2, "", "", low=1).high, given("x", 2, "", "", high=3).low) == (2, 2)
    assert not given("x", 2, "", "").approximate
    assert measured("x", 2, "", PAGE, approximate=True).approximate


def test_a_range_that_does_not_reach_the_result_leaves_it_exact():
    ranged = assumed("x", 2, "", "a guess", low=1, high=3)
    assert not derive("capped", "", lambda x: min(x, 1), x=ranged).approximate


def room(free: int, used: int) -> int:
    return max(0, free - used)


def noisy(width: int) -> int:
    print(width)
    return width


def silent(width: int) -> None:
    if width:
        return


def many(
    width: int,
    height: int,
) -> int:
    return (
        width + height  # one line on the screen
    )


def test_the_text_of_a_formula_is_its_code_without_the_docstring():
    assert formula_text(area) == "width * height"
    assert formula_text(noisy) == "print(width)\nreturn width"
    assert formula_text(silent) == "if width:\n    return"
    assert formula_text(many).startswith("width + height")
    assert formula_text(lambda width: width) == "<lambda>"


def test_a_formula_is_shown_with_plain_numbers_and_unknown_ones_by_name():
    dollars = given("width", Decimal("1E+2"), "USD", "--w")
    figure = derive("area", "", area, width=dollars, height=given("height", 4, "", "--h"))
    assert figure.formula_with_values() == "100 * 4"
    unknown = derive("area", "", area, width=dollars, height=given("height", None, "", "--h"))
    assert unknown.formula_with_values() == "width * height"
    assert dollars.formula_with_values() is None
    capped = derive("capped", "", room, free=given("free", 3, "", "--f"), used=given("used", 5, "", "--u"))
    assert (capped.value, capped.formula_with_values()) == (0, "max(0, 3 - 5)")


def test_inputs_stand_under_the_names_that_the_formula_uses():
    figure = derive("area", "", area, width=given("w", 3, "", "--w"), height=given("h", 4, "", "--h"))
    assert [each.name for each in figure.inputs] == ["width", "height"]


def test_an_unknown_input_makes_an_unknown_result():
    unknown = assumed("price", None, "USD", "unpriced")
    total = derive("total", "USD", area, width=unknown, height=given("h", 4, "", "--h"))
    assert (total.value, total.unit, total.origin) == (None, "USD", "derived")


@for_all(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_derived_range_holds_every_value_of_its_inputs(a, b, x, y):
    (low, high), (left, right) = sorted((a, b)), sorted((x, y))
    width = assumed("width", low, "", "a range", low=low, high=high)
    height = assumed("height", left, "", "a range", low=left, high=right)
    figure = derive("area", "", area, width=width, height=height)
    assert figure.low <= figure.value <= figure.high
    for each in ((low, right), (high, left), ((low + high) // 2, (left + right) // 2)):
        assert figure.low <= area(*each) <= figure.high


def test_a_result_that_is_unknown_within_the_range_is_unknown():
    def each_of(parts):
        return 10 // parts if parts else None

    some = assumed("parts", 2, "", "a range", low=1, high=5)
    none_or_some = assumed("parts", 2, "", "a range", low=0, high=5)
    shares = [derive("share", "", each_of, parts=parts) for parts in (some, none_or_some)]
    assert [(share.low, share.value, share.high) for share in shares] == [(2, 5, 10), (None, None, None)]


def test_what_is_made_from_an_approximate_figure_is_approximate():
    rough = measured("tokens", 10, "tokens", PAGE, approximate=True)
    exact = measured("tokens", 10, "tokens", PAGE)
    two = given("height", 2, "", "--h")
    assert derive("x", "", area, width=rough, height=two).approximate
    assert not derive("x", "", area, width=exact, height=two).approximate


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDetails(Details):
    day: date
    hour: int | None = None


@dataclass(frozen=True, repr=False, kw_only=True)
class DayEstimate(Estimate):
    kind = "cost"
    details: DayDetails = DayDetails(day=date(2026, 11, 1))


class Asked:
    """A question that was asked."""

    def request(self, *, brief=False):
        return {"models": ["a", "b"], **({} if brief else {"prompt": "a long text"})}


@pytest.fixture
def estimate():
    width = published("width", Decimal("2.50"), "USD", PAGE)
    figure = derive("area", "USD", area, width=width, height=given("h", 3, "", "--h"))
    own = measured("tokens", 7, "tokens", PAGE)
    part = DayEstimate("a part", figures=(width, own))
    return DayEstimate(
        "both",
        figures=(figure,),
        notes=(Note("a note", "warning"),),
        parts=(part,),
        question=Asked(),
    )


def test_an_estimate_is_read_by_name(estimate):
    assert estimate["area"].value == Decimal("7.50")
    assert estimate["a part"]["width"].value == Decimal("2.50")
    assert "area" in estimate
    assert "nothing" not in estimate
    with pytest.raises(KeyError, match="'nothing': this estimate holds area, a part"):
        estimate["nothing"]


def test_figure_and_part_find_what_each_is_for(estimate):
    assert estimate.figure("area") is estimate["area"]
    assert estimate.part("a part") is estimate["a part"]
    with pytest.raises(KeyError, match="'a part': this estimate holds area\""):
        estimate.figure("a part")
    with pytest.raises(KeyError, match="'area': this estimate holds none\""):
        estimate.part("a part").part("area")


def test_a_figure_or_a_part_is_found_and_what_is_not_there_is_none(estimate):
    assert estimate.get("area") is estimate["area"]
    assert estimate.get("a part") is estimate.parts[0]
    assert estimate.get("nothing") is None
    assert list(estimate) == [estimate["area"], estimate["a part"]]


def test_a_repr_is_one_short_line(estimate):
    assert repr(estimate["area"]) == "<Figure area: 7.50 USD (derived)>"
    ranged = given("n", 10**5000, "tokens", "far", low=1, high=10**5000)
    assert repr(ranged).startswith("<Figure n: a number of thousands of digits tokens, 1 to a number")
    assert "\x1b" not in repr(DayEstimate("\x1b[31m" * 99))
    assert len(repr(DayEstimate("x" * 10**6))) < 120


def test_an_explanation_is_of_the_figure_that_is_named(estimate):
    part = estimate["a part"]
    both = DayEstimate("two", figures=(estimate["area"], part["width"]))
    assert "width * height" in both.explain("area")
    assert "width * height" not in both.explain("width")
    assert "width * height" in both.explain()


def test_to_dict_is_complete_and_of_json_s_types(estimate):
    plain = json.loads(json.dumps(estimate.to_dict()))
    area_figure = plain["figures"]["area"]
    assert area_figure["value"] == "7.5"
    assert area_figure["inputs"][0]["source"] == {
        "name": "a price page",
        "url": "https://example.org",
        "checked": "2026-11-01",
    }
    assert plain["notes"] == [{"level": "warning", "text": "a note"}]
    assert plain["details"] == {"day": "2026-11-01"}
    assert plain["request"] == {"models": ["a", "b"], "prompt": "a long text"}
    assert plain["parts"][0]["figures"]["width"]["origin"] == "published"


def test_walk_reaches_every_source_once(estimate):
    assert [figure.name for figure in estimate.walk()] == ["area", "width", "height", "tokens"]


def shared_to_the_depth_of(n):
    """A figure whose two inputs share theirs, and so on: 2 ** n paths lead to one leaf."""
    side = given("side", 1, "m", "--side")
    for _ in range(n):
        width = derive("width", "m", stepwise, side=side)
        height = derive("height", "m", stepwise, side=side)
        side = derive("side", "m", lambda width, height: width - height, width=width, height=height)
    return side


def test_a_shared_input_is_visited_once():
    square = shared_to_the_depth_of(40)
    walked = [figure for _, figure in square.walk()]
    assert [figure.note for figure in walked].count("--side") == 1
    assert len(walked) == 3 * 40 + 1
    text = json.dumps(square.to_dict())
    assert text.count('"note": "--side"') == 1
    assert len(text) < 40 * 2000
    shown = DayEstimate("a square", figures=(square,)).explain()
    for text in (str(shown), shown.html):
        assert text.count("--side") == 1
        assert text.count("see above") == 40


# -- "at least" ---------------------------------------------------------------------------


def at_least(name, low):
    return assumed(name, low, "tokens", "a part is not counted", low=low, high=UNBOUNDED)


def test_what_grows_with_a_figure_that_is_at_least_is_so_too():
    total = derive(
        "total", "tokens", lambda a, b: a + 2 * b, a=at_least("a", 3), b=given("b", 4, "tokens", "you")
    )
    assert (total.low, total.value, total.high) == (11, 11, UNBOUNDED)
    assert total.is_at_least
    assert total.approximate


def test_what_falls_with_it_is_unknown_and_what_does_not_move_is_known():
    share = derive("share", "", lambda a, b: b / a, a=at_least("a", 3), b=given("b", 4, "tokens", "you"))
    assert share.value is None
    free = derive(
        "free", "USD", lambda a, rate: a * rate, a=at_least("a", 3), rate=given("rate", 0, "USD", "you")
    )
    assert (free.low, free.value, free.high) == (0, 0, 0)


def test_its_own_range_below_is_kept():
    rough = assumed("a", 5, "tokens", "a ratio, and a part that is not counted", low=4, high=UNBOUNDED)
    doubled = derive("doubled", "tokens", lambda a: 2 * a, a=rough)
    assert (doubled.low, doubled.value, doubled.high) == (8, 10, UNBOUNDED)


def test_no_end_is_null_for_programs_and_words_for_people():
    figure = at_least("a", 3)
    assert json.loads(json.dumps(figure.to_dict()))["high"] is None
    assert "no end that is known" in repr(figure)
