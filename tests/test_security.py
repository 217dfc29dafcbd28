"""SECURITY.md: each promise names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "SECURITY.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.fixture
def promises():
    if not PAGE.is_file():
        pytest.skip("no SECURITY.md beside these tests")
    _, _, section = PAGE.read_text("utf-8").partition("## Files, the network, texts")
    return [each.split("\n\n")[0] for each in re.split(r"^- ", section, flags=re.MULTILINE)[1:]]


def test_each_promise_names_a_test(promises):
    assert len(promises) > 25
    assert not [each for each in promises if not NAMED.search(each)]


def test_the_named_tests_are_there(promises):
    for file, name in NAMED.findall("\n".join(promises)):
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (file, name)
