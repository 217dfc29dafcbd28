"""Every way to call a model, with the makers' own packages against a provider on loopback.

Each call is exact, or labelled, and none is silent. The packages are those of requirements/sdks.txt, which
`make test-sdks` installs; one that is not there is skipped.

`python tests/test_call_styles.py` writes `docs/call_styles.md`.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from pathlib import Path

import fake_provider
import pytest
from call_styles import STYLES
from recorded_calls import counts

from ipython_llmnumbers.usage.recording.switch import Switch

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "call_styles.md"
PINS = ROOT / "requirements" / "sdks.txt"
HEAD = """# Every way to call a model that is tried

Written by `python tests/test_call_styles.py`. Each style runs against a provider on loopback, under the
recorder of `%%llmcost --run`, with the package of `requirements/sdks.txt`; "exact" is held against what that
provider says. Not seen are calls over gRPC, and those of other processes; a cell that starts any says so.

| package | style | calls | counted |
|---|---|---|---|
"""
WORDS = {
    "silent": "labelled: the answer has no usage",
    "cut": "labelled: left before its usage came",
    "refused": "refused, $0",
}
# The distribution that a package comes with.
FROM = {"google.genai": "google-genai", "agents": "openai-agents", "pydantic_ai": "pydantic-ai-slim"}

# Theirs: models that end soon, loops and sockets that they leave to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def provider():
    with fake_provider.fake_provider() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES, ids=lambda style: f"{style.packages[0]}: {style.name}")
def test_each_call_is_exact_or_labelled(provider, style):
    for package in style.packages:
        pytest.importorskip(package)
    provider.first = [fake_provider.Behaviour(status=status) for status in style.first]
    sent, switch = len(provider.asked), Switch()
    assert switch.on()
    try:
        style.call(provider.url)
        gc.collect()
    finally:
        assert switch.off() == []
    recording = switch.recording
    assert [counts(call) or call.state for call in recording.calls] == list(style.expected)
    assert len(provider.asked) - sent >= len(style.expected)
    assert recording.n_faults == 0
    assert all(call.model for call in recording.calls if call.state == "complete")
    assert not any(call.is_stray for call in recording.calls)
    assert "sk-secret" not in repr(recording)


def test_at_least_97_percent_of_the_styles_are_exact_or_labelled():
    labelled = [style for style in STYLES if any(isinstance(each, str) for each in style.expected)]
    assert len(STYLES) > 100
    # The labelled are those whose answer bears no usage, whoever reads it.
    assert {style.name for style in labelled if "refused" not in style.expected} == {
        "stream without usage",
        "stream that is left",
    }


def lines() -> Iterator[str]:
    """The rows of the page."""
    versions = dict(re.findall(r"^([\w-]+)==(.+)$", PINS.read_text("utf-8"), re.MULTILINE))
    for style in STYLES:
        name = FROM.get(style.packages[0], style.packages[0].replace("_", "-"))
        package = f"{name} {versions[name]}" if name in versions else f"{name}, standard library"
        package = name if name == "urllib3" else package
        words = dict.fromkeys(WORDS.get(str(each), "exact") for each in style.expected)
        said = "; ".join(words) if words else "not booked: it costs nothing"
        yield f"| {package} | {style.name} | {len(style.expected)} | {said} |\n"


def test_the_page_is_what_the_script_would_write():
    if not PINS.exists():
        pytest.skip("no requirements beside these tests")
    assert PAGE.read_text("utf-8") == HEAD + "".join(lines())


if __name__ == "__main__":
    PAGE.write_text(HEAD + "".join(lines()), encoding="utf-8")
