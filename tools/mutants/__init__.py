"""Change the package one small step at a time, and see whether a test fails.

changes.py    which changes there are: the mutants of a file
process.py    a mutant in a running process: which functions get which code
recorder.py   which test reaches which line
runner.py     the tests of each mutant, in a child of one pytest
results.py    what came out: `.mutants/`, the survivors, the table of docs/mutants.md
__main__.py   the command
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ipython_llmnumbers"
CACHE = ROOT / ".mutants"
