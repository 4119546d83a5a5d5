# The tasks. `make demo` and `make test` are all that a newcomer needs.
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/tracker
PIP := $(BIN)/pip --quiet --disable-pip-version-check install --require-hashes

.PHONY: demo test test-all check fix bench lock clean

demo: .venv/.run  ## set everything up, load the demo and serve it on 127.0.0.1:$(PORT)
	@$(BIN)/python manage.py demo --port $(PORT)

test: .venv/.dev  ## every unmarked test, on SQLite
	@$(BIN)/pytest -n auto

test-all: .venv/.dev  ## the whole suite with browser, concurrency and fault tests, on SQLite and on PostgreSQL
	@$(BIN)/pytest -n auto
	@$(BIN)/pytest -n auto -m thorough
	@$(BIN)/pytest -n auto -m browser
	@$(BIN)/pytest --migrations -m concurrency
	@$(BIN)/pytest -n auto --migrations -m "faults and not concurrency"
	@DATABASE_URL=$(POSTGRES_URL) $(BIN)/pytest -n auto
	@DATABASE_URL=$(POSTGRES_URL) $(BIN)/pytest -n auto -m thorough
	@DATABASE_URL=$(POSTGRES_URL) $(BIN)/pytest --migrations -m concurrency
	@DATABASE_URL=$(POSTGRES_URL) $(BIN)/pytest -n auto --migrations -m "faults and not concurrency"

check: .venv/.dev  ## everything that a machine can judge without running the tests
	@$(BIN)/ruff format --check --quiet . || { echo "Run 'make fix'."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo | tail -n 3
	@$(BIN)/mypy
	@$(BIN)/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html')
	@$(BIN)/python manage.py check --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check --dry-run --verbosity 0 || { echo "A model changed without a migration."; exit 1; }
	@$(BIN)/python manage.py state_diagrams --check

fix: .venv/.dev  ## format and repair what can be repaired, redraw the state diagrams
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html') || true
	@$(BIN)/python manage.py state_diagrams

bench: .venv/.dev  ## measured speeds, as ratios
	@$(BIN)/python -m tests.bench

lock: .venv/.dev  ## resolve requirements*.in anew: hashes, no addresses
	@$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	@for name in requirements requirements-dev; do .venv/lock/bin/uv pip compile $$name.in --upgrade --quiet \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal \
		--python-version 3.11 --output-file $$name.txt > /dev/null; done

clean:
	rm -rf .venv var

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Countersign needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "This Python cannot make environments: install the package python3-venv (Debian, Ubuntu) and try again."; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Installing what the application needs …"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing what building and testing need …"
	@$(PIP) -r requirements-dev.txt
	@touch $@ .venv/.run
