# The commands of this project. `make setup` first; the others use the environment that it makes.
.PHONY: help setup vscode slides pyodide test coverage test-browser test-fast test-sdks check lowest newest \
	nightly audit bench fuzz mutants docs gallery messages lock release-check

PYTHON ?= python3
BIN := .venv/bin
# An exact list of versions, which plain pip reads.
compile = $(BIN)/uv pip compile -q --upgrade --no-annotate --custom-compile-command 'make lock' \
	--python-version 3.11 pyproject.toml

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: ## Make .venv with the locked packages
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -r requirements/dev.txt
	$(BIN)/pip install -q --no-build-isolation --no-deps -e .
	$(BIN)/pip check

vscode: ## What the tests of the VS Code extension need (node), with the locked versions
	npm ci --prefix vscode --no-audit --no-fund --ignore-scripts

slides: ## What a page of nbconvert's slides loads from a CDN, from npm, for the tests in a browser
	npm ci --prefix tests/browser --no-audit --no-fund --ignore-scripts

pyodide: ## Python in WebAssembly, from npm, for the tests of a notebook without a server
	npm ci --prefix tests/pyodide --no-audit --no-fund --ignore-scripts

test: ## The whole suite
	$(BIN)/python -m pytest -q -n auto

coverage: ## The whole suite, and which lines and branches it runs (takes twice as long)
	$(BIN)/python -m pytest -q -n auto --cov

test-browser: ## The live line and the displays in every host, in a real browser (needs chromium, npm)
	$(BIN)/python tools/nightly.py --only "newest JupyterLab" "every host"

SDKS ?= sdks
test-sdks: ## Every way to call a model, with the providers' packages, in a .venv-sdks of their own
	$(PYTHON) -m venv --clear .venv-$(SDKS)
	.venv-$(SDKS)/bin/pip install -q -e '.[test]' -r requirements/$(SDKS).txt
	.venv-$(SDKS)/bin/python -m pytest -q tests/test_call_styles.py tests/test_recorder.py tests/test_sessions.py

test-fast: ## The suite without kernels, servers and long searches: four minutes
	$(BIN)/python -m pytest -q -n auto -m "not slow"

check: ## Format, lint, types, imports, workflows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --quiet --offline --pedantic .github

lowest: ## The wheel, with the sdist's tests and the lowest allowed version of each direct dependency
	$(BIN)/python tools/nightly.py --only "wheel and sdist, lowest versions"

newest: ## The suite with the newest version of everything
	$(BIN)/python tools/nightly.py --only "newest versions"

nightly: ## All Pythons, clocks, orders and front ends; writes docs/nightly.md (about an hour)
	$(BIN)/python tools/nightly.py

audit: ## Known vulnerabilities of the locked versions, from a public database; blocks nothing
	-$(BIN)/uv tool run pip-audit -r requirements/test.txt --no-deps --disable-pip

bench: ## Times, growth and memory beside other packages, in a .venv-bench; writes docs/performance.md (ten minutes)
	$(PYTHON) -m venv --clear .venv-bench
	.venv-bench/bin/pip install -q -r requirements/bench.txt
	.venv-bench/bin/pip install -q --no-build-isolation -e .
	.venv-bench/bin/python -m benchmarks.speed --write

fuzz: ## A million hostile inputs of every kind, counted (about an hour)
	$(BIN)/python tools/fuzz.py

mutants: ## Mutation testing of all rooms; writes docs/mutants.md (hours)
	$(BIN)/python -m tools.mutants

docs: ## Write anew what the documents and examples show
	$(BIN)/python tools/questions.py
	$(BIN)/python tools/models_page.py
	$(BIN)/python examples/store_outputs.py
	$(BIN)/python benchmarks/gpu_accuracy.py --write >/dev/null
	$(BIN)/python benchmarks/gpu_peers.py --write >/dev/null
	$(BIN)/python tests/test_golden.py
	$(BIN)/python tests/test_call_styles.py

gallery: ## Take pictures and measures of every display in every host and theme (python -m tools.gallery -h)
	$(BIN)/python -m tools.gallery

messages: ## Collect the messages, list what has no translation, compile the catalogues
	$(BIN)/python tests/catalogues.py
	$(BIN)/pip install -q --no-build-isolation --no-deps -e .

# All but ray, which has 240 MB: `make nightly` installs it by itself.
EXTRAS := annotate browser corpus lint mutants otel test tools widget
lock: ## Write requirements/ anew from pyproject.toml
	$(compile) --universal $(EXTRAS:%=--extra %) --no-emit-package ipython-llmnumbers -o requirements/dev.txt
	$(compile) --universal --extra test -c requirements/dev.txt -o requirements/test.txt
	$(compile) --extra test --resolution lowest-direct -o requirements/lowest.txt
	printf 'jupyterlab==4.0.*\nnotebook==7.0.*\nbabel\neditables\nhatchling\n' \
		| $(compile) - --extra browser -o requirements/oldest-lab.txt

release-check: ## What only a release needs: every translation, and the files in dist/
	$(BIN)/python tests/catalogues.py --complete
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/twine check --strict dist/*
