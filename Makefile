# `make demo` and `make test` are all a fresh machine with Python 3.11+, pip, git and make needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_DEPS := $(VENV)/.run-deps
DEV_DEPS := $(VENV)/.dev-deps
WORKERS ?= auto

.PHONY: demo run test check lint types bench docs lock clean

demo: $(RUN_DEPS)  ## talk to a small club in this terminal; no token needed
	@$(BIN)/python run_bot.py demo

run: $(RUN_DEPS)  ## run the bot with config.toml
	@$(BIN)/python run_bot.py run

test: $(DEV_DEPS) lint types  ## linters, type checks and all tests
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(DEV_DEPS) lint  ## the quick part: linters and the tests that are not slow
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

lint: $(DEV_DEPS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(DEV_DEPS)
	$(BIN)/mypy

bench: $(DEV_DEPS)  ## speed and memory, each beside a baseline from the same run
	$(BIN)/python -m benchmarks

docs: $(DEV_DEPS)  ## write docs/commands.md and docs/configuration.md anew from the code
	$(BIN)/python -m docs.generate

lock: $(DEV_DEPS)  ## resolve the lock files anew (needs the package index)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" -q -o requirements-dev.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Bywalec needs Python 3.11 or newer, this is " + sys.version)'
	@$(PYTHON) -m venv $(VENV)

$(RUN_DEPS): requirements.lock | $(BIN)/python
	@echo "Installing what Bywalec needs into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV_DEPS): requirements-dev.lock | $(BIN)/python
	@echo "Installing the development tools into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(RUN_DEPS)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache
