# Everything a person needs. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
export PYTHONDONTWRITEBYTECODE :=  # the many processes of the stories would each compile everything anew

.PHONY: help setup demo test test-agents conformance bench chaos record check format lock clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## create .venv with everything, from hash-locked requirements

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "aidp needs Python 3.11 or newer; say which with: make setup PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (about a minute the first time) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP)  ## from a label to a reviewed pull request, on a local GitHub (FAULTS=1: on a bad day; STAY=1: stays up)
	@$(BIN)/aidp demo $(if $(FAULTS),--faults $(FAULTS)) $(if $(STAY),--stay)

test: $(STAMP)  ## the whole suite, on real Temporal, git and processes
	@$(BIN)/pytest

test-agents: $(STAMP)  ## the stories of the real Claude Code; needs no account, its model is scripted (downloads 160 MB)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-agents.txt
	@$(BIN)/pytest tests/real_agents -n 0

conformance: $(STAMP)  ## hold all that passes between aidp and GitHub against GitHub's API description (needs npm)
	@$(BIN)/python tests/conformance/run.py

bench: $(STAMP)  ## what the orchestration costs, as ratios (QUICK=1 for a short run, BENCH_JSON=FILE for JSON)
	@PYTHONPATH=tests/stories $(BIN)/python tests/bench/run.py

chaos: $(STAMP)  ## kill, lose, repeat and delay everything; nothing may be lost or done twice (CHAOS_PART=storm,crash CHAOS_SEEDS=1,2)
	@PYTHONPATH=tests/stories $(BIN)/python tests/chaos/chaos.py $(if $(CHAOS_PART),--part="$(CHAOS_PART)") $(if $(CHAOS_SEEDS),--seeds="$(CHAOS_SEEDS)") $(if $(CHAOS_ONLY),--only="$(CHAOS_ONLY)")

record: $(STAMP)  ## record a history of every workflow for the replay tests (NAME=0.1.0)
	@PYTHONPATH=tests/stories $(BIN)/python tests/replay/record.py $(NAME)

check: $(STAMP)  ## format, lint, types, the three-room rule
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/pyright --threads
	@$(BIN)/lint-imports

format: $(STAMP)  ## format and fix what can be fixed
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

lock: $(STAMP)  ## refresh the hash-locked requirements from pyproject.toml
	@$(BIN)/pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml --group dev -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-deps --group agents -o requirements-agents.txt

clean:  ## remove .venv and local state
	@rm -rf .venv .aidp-state
