#!/usr/bin/env bash
# Run a command, and every process that it starts, with the clock some days ahead or back (Linux, with a C compiler):
#   bash tests/clock/run.sh +400 .venv/bin/python -m pytest -q -n auto
#   bash tests/clock/run.sh -400 .venv/bin/python -m pytest -q -n auto
set -euo pipefail

days=$1
shift
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cc -shared -fPIC -O2 -Wall -Wextra -Werror -o "$folder/shift_clock.so" "$(dirname "$0")/shift_clock.c" -ldl
export SHIFT_CLOCK_DAYS=$days LD_PRELOAD=$folder/shift_clock.so

# A preload that fails only warns: the run would pass on the right day.
expected=$(LD_PRELOAD='' date -u -d "$days days" +%F)
if [ "$(date -u +%F)" != "$expected" ]; then
  echo "the clock shows $(date -u +%F), not $expected" >&2
  exit 1
fi
echo "the clock shows $expected" >&2
"$@"
