# make run    one command from a fresh clone to a portal (CATALOG=..., PORT=..., BIND=...)
#             DEMO=1 loads the example, and starts stand-ins for its machines
# make test   everything that CI runs; make test-all adds the slow proofs
# make test-api  the whole API, asked with valid and invalid data after its description
SHELL = /bin/sh
VENV = .venv
PY = $(VENV)/bin/python
READY = $(VENV)/.ready
READY_DEV = $(VENV)/.ready-dev

CATALOG ?=
PORT ?=
BIND ?=
DEMO ?=
export CATALOG PORT BIND

.PHONY: run env test test-all test-api test-backstage test-nodes bench bench-probes bench-backstage lint lock

# `exec`: signals sent to make's child reach the supervisor itself.
run: $(READY)
	@exec $(PY) manage.py appliance $${PORT:+--port "$$PORT"} $${BIND:+--bind "$$BIND"} $${CATALOG:+--catalog "$$CATALOG"} $(if $(filter-out 0,$(DEMO)),--demo)

env: $(READY)

$(READY): requirements.lock deploy/environment.sh
	@sh deploy/environment.sh $(VENV) requirements.lock $(READY)

$(READY_DEV): requirements.lock requirements-dev.lock deploy/environment.sh
	@sh deploy/environment.sh $(VENV) requirements-dev.lock $(READY_DEV)

lint: $(READY_DEV)
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports --no-cache
	@$(VENV)/bin/mypy .
	@$(PY) -m tests.django makemigrations --check --dry-run
	@$(PY) -m tests.django check --deploy --fail-level WARNING

# First both forms of the storage and queue tests, so that the whole comes last.
test: lint
	@$(PY) -m tests.servers $(PY) -m pytest -q -n 2 --dist loadgroup -m "(storage or queue) and not slow" tests
	@$(PY) -m pytest -q -n 2 --dist loadgroup -m "not slow" tests

test-all: lint
	@$(PY) -m tests.servers $(PY) -m pytest -q -n 2 --dist loadgroup -m "storage or queue" tests
	@$(PY) -m pytest -q -n 2 --dist loadgroup tests
	@$(PY) -m tests.api_fuzz

# Needs a package of its own, in a folder of its own: ~/.cache/greenroom-nodes.
test-api: $(READY_DEV)
	@$(PY) -m tests.api_fuzz

# A real Backstage from npm: half a gigabyte, 2 to 6 minutes to install, 2 to test.
test-backstage: $(READY_DEV)
	@$(PY) -m tests.backstage install
	@$(PY) -m pytest -q -m backstage tests

# Real model servers, gigabytes of packages, most of an hour: each fault at each server.
test-nodes: $(READY_DEV)
	@$(PY) -m tests.nodes install
	@$(PY) -m tests.nodes truth --saturate 30

bench: $(READY_DEV)
	@$(PY) -m tests.benchmarks

bench-probes: $(READY_DEV)
	@$(PY) -m tests.benchmarks.probes
	@$(PY) -m tests.benchmarks.probes --soak
	@$(PY) -m tests.benchmarks.probes --largest

# Beside a real Backstage, in turn: `test-backstage` says what it installs.
bench-backstage: $(READY_DEV)
	@$(PY) -m tests.backstage install
	@$(PY) -m tests.benchmarks.backstage

lock: $(READY_DEV)
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 pyproject.toml -o requirements.lock
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
