"""Try a million hostile inputs, each kind in batches of its own, and print how many there were.

`--examples N` tries N of each kind. Every batch draws new inputs, by a seed that is printed.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys

_TRIED = re.compile(r"(\d+) passing, (\d+) failing")
_EXAMPLES = 100_000
# As the profile `fuzz` of tests/conftest.py has it: hypothesis keeps what it has tried of a batch in memory.
_BATCH = 2_000


def main() -> int:
    """Run the batches; 1 where one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=_EXAMPLES, help="inputs of each kind")
    examples = parser.parse_args().examples
    tried = failed = 0
    for number in range(-(-examples // _BATCH)):
        seed = random.randrange(10**9)
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", "tests/hostile"),
            *("-k", "any or both", "--hypothesis-profile=fuzz", "--hypothesis-show-statistics"),
            f"--hypothesis-seed={seed}",
        ]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        tried += sum(int(passing) + int(failing) for passing, failing in _TRIED.findall(run.stdout))
        failed += run.returncode != 0
        print(f"batch {number + 1}, seed {seed}: {tried:,} inputs, {failed} batches failed", flush=True)
        if run.returncode:
            print(run.stdout[-20_000:])
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
