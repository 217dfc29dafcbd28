"""A pattern that is compiled late is used, copied and pickled as any other."""

from __future__ import annotations

import copy
import pickle
import re
from fnmatch import fnmatchcase

import pytest

from ipython_llmnumbers.patterns import matches, pattern


@pytest.mark.parametrize(
    "again",
    [lambda each: each, copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))],
    ids=["itself", "copy", "deepcopy", "pickle"],
)
@pytest.mark.parametrize("is_used", [False, True])
def test_it_finds_what_re_finds(again, is_used):
    late = pattern(r"(\d+) TOKENS", re.IGNORECASE)
    if is_used:
        late.search("")
    late = again(late)
    assert late.search("of 300 tokens")[1] == "300"
    assert late.sub("n", "300 tokens, 4 tokens") == "n, n"
    assert late.flags & re.IGNORECASE
    assert late.pattern == r"(\d+) TOKENS"


def test_a_wrong_one_fails_when_it_is_used():
    wrong = pattern("(")
    with pytest.raises(re.error):
        wrong.search("")


@pytest.mark.parametrize(
    "glob", ["gpt-4o", "gpt-4o*", "*-mini", "gpt-*-mini", "gpt-[0-9]o*", "gpt-?o-mini", "*"]
)
def test_a_glob_means_what_it_means_to_a_shell(glob):
    for name in ("gpt-4o", "gpt-4o-mini", "GPT-4o", "gpt-4", "o4-mini", "", "gpt-4o*"):
        assert matches(name, [glob]) == fnmatchcase(name, glob)
