# `make demo` and `make test` are all a fresh machine with Python 3.11+, pip, git and make needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_DEPS := $(VENV)/.run-deps
DEV_DEPS := $(VENV)/.dev-deps
WORKERS ?= auto
# Tests wait for sockets, servers and clocks about as long as they compute: two at a time for each processor.
TESTS_AT_ONCE := $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
# Of the benchmarks: which rows (all if empty), how many members, and a folder on a disk.
ROWS ?=
MEMBERS ?= 1000000
FOLDER ?= .bench
# Of the simulation: how many seeds or the only one, how long in steps or days, how many people, seconds between steps
# (days have a pace of their own).
SEEDS ?= 10
SEED ?=
STEPS ?= 2000
DAYS ?=
PEOPLE ?= 100
PAUSE ?= 3000

.PHONY: demo run test check lint types compiled bench bench-growth reliability simulate mutants docs samples lock clean

demo: $(RUN_DEPS)  ## talk to a small club in this terminal; no token needed
	@$(BIN)/python run_bot.py demo

run: $(RUN_DEPS)  ## run the bot with config.toml
	@$(BIN)/python run_bot.py run

test: $(DEV_DEPS)  ## linters, type checks and all tests
	@$(MAKE) --no-print-directory -j 2 --output-sync=target lint types compiled
	$(BIN)/python -m pytest -n $(if $(filter auto,$(WORKERS)),$(TESTS_AT_ONCE),$(WORKERS))

check: $(DEV_DEPS) lint  ## the quick part: linters and the tests that are not slow
	$(BIN)/python -m pytest -n $(if $(filter auto,$(WORKERS)),$(TESTS_AT_ONCE),$(WORKERS)) -m "not slow"

lint: $(DEV_DEPS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(DEV_DEPS)
	$(BIN)/mypy

# Each worker of the tests and each bot that a test runs would compile everything by itself.
unexport PYTHONDONTWRITEBYTECODE
compiled: $(DEV_DEPS)
	-@$(BIN)/python -m pytest --collect-only -q > /dev/null

reliability: $(DEV_DEPS)  ## the proofs of what is promised, each at its full length; takes long
	LONG_PROOFS=1 $(BIN)/python -m pytest -n $(WORKERS) tests/reliability tests/cli tests/adapters/web tests/conversations/stories

simulate: $(DEV_DEPS)  ## a club with faults of every kind beside an independent reckoning; SEED=n replays one
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --steps $(STEPS) --people $(PEOPLE) --pause $(PAUSE) \
		$(if $(SEED),--seed $(SEED)) $(if $(DAYS),--days $(DAYS))

bench: $(DEV_DEPS)  ## speed and memory, each beside a baseline from the same run
	$(BIN)/python -m benchmarks table --rows "$(ROWS)" --members $(MEMBERS) --folder "$(FOLDER)"

bench-growth: $(DEV_DEPS)  ## draw docs/performance.png: how each figure grows with the club
	$(BIN)/python -m benchmarks growth --rows "$(ROWS)" --folder "$(FOLDER)"

mutants: $(DEV_DEPS)  ## change the ledger's rules in every small way; its tests must notice. About half an hour
	$(BIN)/python -m tests.mutation $(if $(filter-out auto,$(WORKERS)),--workers $(WORKERS)) $(FILES)

docs: $(DEV_DEPS)  ## write docs/commands.md and docs/configuration.md anew from the code
	$(BIN)/python -m docs.generate

samples: $(DEV_DEPS)  ## draw docs/leaderboard.png and docs/cards.png: pictures in a light and in a dark chat
	$(BIN)/python -m docs.samples

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
	rm -rf $(VENV) .bench .mypy_cache .ruff_cache .hypothesis .import_linter_cache
