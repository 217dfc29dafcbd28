"""Run beside the notebook by `pool.py`: counts the task of each JSON line, until the input ends."""

from __future__ import annotations

import json
import os
import sys

from ..files.formats import parse_json
from ..processes import only_answers


def main() -> None:
    """Answer each request with its tally."""
    answers = only_answers()
    # One process for each core: threads beside them only take turns.
    os.environ["RAYON_NUM_THREADS"] = "1"
    from .counting import count_request

    for line in sys.stdin.buffer:
        answers.write(json.dumps(count_request(parse_json(line))).encode() + b"\n")


if __name__ == "__main__":
    main()
