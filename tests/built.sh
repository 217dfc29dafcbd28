#!/usr/bin/env bash
# Build the sdist and the wheel, and run the sdist's tests on the installed wheel, outside of any checkout:
# `tests/built.sh 3.12 test` is on that Python, if it is at hand, with what requirements/test.txt names.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m build --no-isolation -o "$folder/dist" . > "$folder/build.log" || { cat "$folder/build.log"; exit 1; }
.venv/bin/twine check --strict "$folder"/dist/*
tar -xzf "$folder"/dist/*.tar.gz -C "$folder"

for python in "$1" .venv/bin/python; do
  .venv/bin/uv venv -q --no-python-downloads -p "$python" "$folder/venv" && break
done
install=(.venv/bin/uv pip install -q -p "$folder/venv/bin/python")
"${install[@]}" -r "requirements/$2.txt"
"${install[@]}" --no-deps "$folder"/dist/*.whl

# From an empty folder: a kernel imports from the one it starts in.
sdist=$(echo "$folder"/ipython_llmnumbers-*)
mkdir "$folder/empty"
cd "$folder/empty"
"$folder/venv/bin/python" -c 'import ipython_llmnumbers as it; assert "site-packages" in it.__file__, it.__file__'
"$folder/venv/bin/python" -m pytest -q -n auto -c "$sdist/pyproject.toml" --rootdir "$sdist" \
  "$sdist/tests" --pyargs ipython_llmnumbers
