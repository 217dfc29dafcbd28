"""Every way to call a model, with the makers' own packages against a provider on loopback.

Each call is exact, or labelled, and none is silent. The packages are those of requirements/sdks.txt, which
`make test-sdks` installs; one that is not there is skipped.
"""

from __future__ import annotations

import gc

import fake_provider
import pytest
from call_styles import STYLES
from recorded_calls import counts

from ipython_llmnumbers.usage.recording.switch import Switch

# Theirs: models that end soon, loops and sockets that they leave to the collector.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def provider():
    with fake_provider.fake_provider() as running:
        yield running


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
    assert len(STYLES) > 70
    # The labelled are those whose answer bears no usage, whoever reads it.
    assert {style.name for style in labelled if "refused" not in style.expected} == {
        "stream without usage",
        "stream that is left",
    }
