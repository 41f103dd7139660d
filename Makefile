# Two commands: `make up` starts the server, `make test` proves it. See CONTRIBUTING.md.
#
# Needed: Python 3.11 or newer with venv and pip. Everything is installed into .venv from wheels,
# pinned by hash.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
UV ?= $(VENV)/bin/uv

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FROM_LOCK := install --only-binary :all: --require-hashes -r
LOCK := pip compile pyproject.toml --universal --generate-hashes --no-header -q --python-version 3.11

.PHONY: up install test test-fast test-clients fuzz lint lock bench clean

up: $(VENV)/.installed
	@exec $(BIN)/rsvpd up $(ARGS)

install: $(VENV)/.installed

test: lint
	$(BIN)/python -m pytest -n auto $(ARGS)

# What to run after each change: everything but what is marked slow.
test-fast: lint
	$(BIN)/python -m pytest -n auto -m "not slow" $(ARGS)

# Clients that need more than Python: Debian's packages are installed where they are missing (as root).
test-clients: $(VENV)/.installed-dev
	@test -e /usr/share/java/google-api-client.jar -a -x /usr/bin/javac || { apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends default-jdk-headless libgoogle-api-client-java; }
	$(BIN)/python -m pytest tests/clients/java $(ARGS)

# Changed requests of every dialect against real servers; ARGS="--count 5000 --seed 7" for less, or another run.
fuzz: $(VENV)/.installed-dev
	$(BIN)/python tests/fuzz/run.py $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/answers.py $(ARGS)

lock: $(VENV)/.installed
	@test -x $(UV) || $(PIP) install --only-binary :all: uv
	$(UV) $(LOCK) -o requirements.lock
	$(UV) $(LOCK) --extra dev -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "rsvpd needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing rsvpd into $(VENV). This takes about a minute, once."
	$(PIP) $(FROM_LOCK) requirements.lock
	$(PIP) install --no-deps -e .
	$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) $(FROM_LOCK) requirements-dev.lock
	@touch $@
