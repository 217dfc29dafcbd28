"""A short soak of the live line; the long one, with its bars, is `python benchmarks/live_soak.py 20000`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "live_soak.py"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="makes a pipe, counts file descriptors"),
]


def test_good_and_hostile_lines_leave_the_server_awake_and_as_it_was(tmp_path, monkeypatch):
    if not SCRIPT.is_file():
        pytest.skip("no benchmarks beside these tests")
    monkeypatch.syspath_prepend(SCRIPT.parent)
    from live_soak import soak

    seen = soak(tmp_path, 300)
    print(seen)
    assert seen.answers.total() == 300
    assert set(seen.answers) == {200, 400, 413}
    # The bars are benchmarks/live_soak.py's; this much only ends what hangs, or grows with each request.
    assert max(seen.status_s) < 30
    assert seen.rss_mb[1] < 2 * seen.rss_mb[0]
    assert seen.open_files[1] < seen.open_files[0] + 20
