"""Our `dataclass` makes the classes that the standard library's makes, and compiles nothing at import."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
from dataclasses import field
from typing import Any, ClassVar

import pytest

from ipython_llmnumbers import records

BOTH = {"ours": records.dataclass, "the standard library's": dataclasses.dataclass}
MADE: dict[str, Any] = {}


def _classes(dataclass):
    """One of each kind that this package has."""

    @dataclass(frozen=True, slots=True)
    class Price:
        """A frozen one with slots."""

        unit: ClassVar[str] = "USD"
        model: str
        usd: float | None = None
        tags: list[str] = field(default_factory=list, compare=False)
        secret: str = field(default="", repr=False)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Dated(Price):
        """One that inherits, with a field that its class sets."""

        day: str
        text: str = field(init=False, compare=False)

        def __post_init__(self):
            object.__setattr__(self, "text", f"{self.model} on {self.day}")

    @dataclass(frozen=True, repr=False, kw_only=True)
    class Open:
        """A frozen one without slots, and with a text of its own."""

        n: int = 1

        def __repr__(self):
            return f"<{self.n}>"

    @dataclass(slots=True)
    class Draft:
        """One that changes."""

        n: int = 0
        rows: list[int] = field(default_factory=list)

    @dataclass(frozen=True, slots=True, eq=False)
    class Same:
        """One that is only itself."""

        n: int

    @dataclass(frozen=True)
    class Nothing:
        """One without fields."""

    return Price, Dated, Open, Draft, Same, Nothing


for each in BOTH:
    MADE[each] = {cls.__name__: cls for cls in _classes(BOTH[each])}
    for name, cls in MADE[each].items():
        cls.__qualname__ = name


@pytest.fixture(params=BOTH)
def made(request, monkeypatch):
    """The classes of one of the two, where pickle finds them."""
    classes = MADE[request.param]
    for name, cls in classes.items():
        monkeypatch.setattr(sys.modules[__name__], name, cls, raising=False)
    return classes


def test_fields_and_their_defaults(made):
    price = made["Price"]("gpt-4o")
    assert dataclasses.asdict(price) == {"model": "gpt-4o", "usd": None, "tags": [], "secret": ""}
    assert price.tags is not made["Price"]("gpt-4o").tags
    assert dataclasses.replace(price, usd=2.5).usd == 2.5
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'model'"):
        made["Price"]()
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'eur'"):
        made["Price"]("gpt-4o", eur=1)


def test_the_first_object_may_be_made_in_any_way(made):
    dated = made["Dated"](model="gpt-4o", day="2026-11-20")
    assert (dated.text, dated.unit) == ("gpt-4o on 2026-11-20", "USD")
    with pytest.raises(TypeError, match="positional argument"):
        made["Dated"]("gpt-4o", None, [], "", "2026-11-20")


def test_what_it_says_of_itself(made):
    assert repr(made["Price"]("gpt-4o", secret="s")) == "Price(model='gpt-4o', usd=None, tags=[])"
    assert repr(made["Open"](n=2)) == "<2>"
    draft = made["Draft"]()
    draft.rows.append(draft)
    assert repr(draft) == "Draft(n=0, rows=[...])"
    assert str(inspect.signature(made["Open"])) == "(*, n: 'int' = 1) -> None"
    assert list(inspect.signature(made["Price"]).parameters) == ["model", "usd", "tags", "secret"]


def test_equal_and_hashed_by_the_fields_that_are_compared(made):
    cls = made["Price"]
    assert cls("a", 1.0, ["x"]) == cls("a", 1.0, ["y"])
    assert len({cls("a", 1.0), cls("a", 1.0), cls("a", 2.0)}) == 2
    assert cls("a") != made["Dated"](model="a", day="")
    assert made["Nothing"]() == made["Nothing"]()
    assert hash(made["Nothing"]()) == hash(made["Nothing"]())
    assert made["Same"](1) != made["Same"](1)
    assert made["Draft"](1) == made["Draft"](1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(made["Draft"]())


@pytest.mark.parametrize("name", ["Price", "Open"])
def test_a_frozen_one_refuses_changes(made, name):
    instance = made[name]() if name == "Open" else made[name]("a")
    first = dataclasses.fields(instance)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{first}'"):
        setattr(instance, first, 3)
    with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot delete field '{first}'"):
        delattr(instance, first)


def test_one_that_is_not_frozen_changes(made):
    draft = made["Draft"]()
    draft.n = 5
    assert draft == made["Draft"](5)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_copies_and_pickles_are_equal(made, again):
    objects = made["Price"]("a", 1.0), made["Dated"](model="a", day="d"), made["Open"](n=4), made["Draft"](7)
    for each in objects:
        assert again(each) == each
    assert again(objects[1]).text == "a on d"


def test_a_match_finds_the_fields_in_their_order(made):
    price_class = made["Price"]
    match price_class("gpt-4o", 2.5):
        case price_class(model, usd):
            assert (model, usd) == ("gpt-4o", 2.5)
        case _:
            pytest.fail("no field is found by its place")


def test_no_method_is_compiled_while_a_class_is_defined():
    """Which is what makes the standard library's slow to import; counted here, not timed."""

    def n_compiled(dataclass):
        compiled = 0

        def note(_frame, event, function):
            nonlocal compiled
            compiled += event == "c_call" and function is exec

        before = sys.getprofile()
        sys.setprofile(note)
        try:
            _classes(dataclass)
        finally:
            sys.setprofile(before)
        return compiled

    assert n_compiled(records.dataclass) == 0
    assert n_compiled(dataclasses.dataclass) >= len(MADE["ours"])
