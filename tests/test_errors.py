"""The lines of errors: what they name, where they are cut, and what they propose."""

from __future__ import annotations

import pytest

from ipython_llmnumbers.errors import LLMNumbersError, UnknownNameError, nearest, shown
from ipython_llmnumbers.messages import Message, joined, said, say, shorten, speaking, spoken


@pytest.mark.parametrize(("length", "limit"), [(3, 4), (4, 4), (60, 60)])
def test_a_text_up_to_the_limit_is_whole(length, limit):
    assert shorten("a" * length, limit) == repr("a" * length)


@pytest.mark.parametrize(("length", "limit"), [(5, 4), (61, 60), (1000, 60)])
def test_a_longer_text_is_cut_to_the_limit(length, limit):
    assert shorten("a" * length, limit) == repr("a" * (limit - 1) + "…")


def test_a_value_is_cut_at_40_characters():
    assert shown("a" * 40) == repr("a" * 40)
    assert shown("a" * 41) == repr("a" * 39 + "…")
    assert shown(10**4299).endswith("…'")
    assert shown(10**4300) == "a number of thousands of digits"


def test_a_name_is_proposed_in_the_case_that_the_table_has():
    assert nearest("LLAMA3", ["Llama3", "gpt"]) == ["Llama3"]
    # Half of the letters are enough.
    assert nearest("abcd", ["abxy", "axyz"]) == ["abxy"]
    # Of two names that differ in case the first is meant.
    assert nearest("llama3", ["Llama3", "LLAMA3"]) == ["Llama3"]


def test_a_part_of_names_proposes_the_shortest_that_hold_it():
    known = [
        "a-name-with-opus-15",
        "a-longer-name-with-opus",
        "an-opus-of-its-own",
        "the-opus-of-many-words",
        "opus-in-front-17",
    ]
    shortest = ["opus-in-front-17", "an-opus-of-its-own", "a-name-with-opus-15", "the-opus-of-many-words"]
    assert nearest("opus", known) == shortest
    assert nearest("OPUS", known, 1) == shortest[:1]
    assert nearest("", known) == []
    assert nearest("zzz", known) == []


def test_a_long_name_is_compared_by_its_first_200_characters():
    assert nearest("a" * 200 + "b" * 5000, ["a" * 200]) == ["a" * 200]


def test_an_unknown_name_without_a_near_one_is_its_hint():
    error = UnknownNameError("model", "zzz", ["gpt-4o"], "ask somebody")
    assert str(error) == "unknown model 'zzz'; ask somebody"
    assert (error.kind, error.name) == ("model", "zzz")
    assert error._render_traceback_() == ["llmnumbers: unknown model 'zzz'; ask somebody"]
    assert str(LLMNumbersError("a {brace}")) == "a {brace}"


def test_a_message_is_not_made_twice():
    message = say("{n} tokens", n=1)
    assert say(message) is message
    assert isinstance(say("text"), Message)
    assert joined("; ") == ""
    assert joined(" ", "one", "", "two").values == {"part0": "one", "part1": "two"}


def test_a_language_ends_with_its_block_also_after_an_error():
    with pytest.raises(UnknownNameError), speaking("ja"):
        raise UnknownNameError("model", spoken(), [])
    assert spoken() == "en"
    with speaking("ja"):
        assert said(say("nothing that a catalogue has: {n}", n=1)) == "nothing that a catalogue has: 1"
        assert said("a text") == "a text"
