"""Every kind of answer whose growth `benchmarks/speed/growth.py` measures is answered there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SMALL = """
from benchmarks.speed.growth import subjects

for name, sizes, work in subjects():
    work(sizes[0] // 5)()
    print(name)
"""


@pytest.mark.slow
def test_every_kind_of_answer_is_answered():
    if not (ROOT / "benchmarks").is_dir():
        pytest.skip("no benchmarks beside these tests")
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, "-c", SMALL],
        env={**os.environ, "PYTHONPATH": paths},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 5
