# Needs Python 3.11 or newer and make; everything else is installed into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet
# The lists of hashes are whole, so nothing is resolved: older pips look past the version of a list
# where another package wants an extra of it, and fail on the day a newer one comes out.
# One process per core that this one may use. Each takes a stretch of neighbouring tests, so that
# what they share is mostly made once, and whoever is done takes over from the others.
PARALLEL = --numprocesses auto --maxprocesses 8 --dist worksteal

# These alone have to run every line and branch of the inside. To watch that slows Python down by a
# half and more, so the others go without.
MEASURED = tests/unit tests/integration
UNMEASURED = tests $(addprefix --ignore=,$(MEASURED))

.PHONY: serve test campaign bench bench-further bench-watching bench-backup bench-postgresql \
	bench-rotation soak lock clean

serve: $(VENV)/.runtime ## Start the server (ARGS="--port 9000" for flags).
	$(BIN)/strongroom serve $(ARGS)

test: $(VENV)/.dev ## Pass every check and every test.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers auto
	$(BIN)/lint-imports
	$(BIN)/pytest $(PARALLEL) --cov --cov-report=term $(MEASURED) $(ARGS)
	$(BIN)/pytest $(PARALLEL) $(UNMEASURED) $(ARGS)

campaign: $(VENV)/.dev ## Look longer and at random: what takes too long for every change.
	TWINS_EXAMPLES=400 SCHEMATHESIS_EXAMPLES=300 $(BIN)/pytest --no-cov \
		tests/contract/test_twins.py tests/contract/test_postgresql_twins.py \
		tests/e2e/test_description.py $(ARGS)
	TAKE_OVER_ROWS=10000 $(BIN)/pytest --no-cov tests/e2e/test_take_over.py $(ARGS)
	AUDIT_OPERATIONS=100000 $(BIN)/pytest --no-cov -rP tests/e2e/test_audit.py -k mixed_operations $(ARGS)
	TIMING_SAMPLES=1000 $(BIN)/pytest --no-cov -rP tests/e2e/test_timing.py $(ARGS)
	KILLS=50 $(BIN)/pytest --no-cov -rP tests/e2e/test_rotation.py -k random_moments $(ARGS)
	KILLS=20 $(BIN)/pytest --no-cov -rP tests/e2e/test_backups.py tests/e2e/test_power_loss.py $(ARGS)
	KILLS=20 MOVED_SECRETS=20000 $(BIN)/pytest --no-cov -rP tests/e2e/test_moving.py $(ARGS)

	REPLICA_KILLS=20 DATABASE_RESTARTS=6 $(BIN)/pytest --no-cov -rP tests/e2e/postgresql $(ARGS)
	STORE=postgresql $(BIN)/pytest $(PARALLEL) --no-cov tests/e2e $(ARGS)

bench: $(VENV)/.dev ## Measure beside a plain textbook server and the ceiling, in one run.
	$(BIN)/python -m benchmarks.run $(ARGS)

bench-backup: $(VENV)/.dev ## Back up, verify, restore and move a million secrets, with the memory it takes.
	$(BIN)/python -m benchmarks.backups $(ARGS)

bench-further: $(VENV)/.dev ## Measure growth, a mix at a fixed rate, and a crowd of connections.
	$(BIN)/python -m benchmarks.further $(ARGS)

bench-watching: $(VENV)/.dev ## Measure what metrics, alerts, activity and tracing cost a reveal.
	$(BIN)/python -m benchmarks.watching_within
	$(BIN)/python -m benchmarks.watching_within --all --rounds 10
	$(BIN)/python -m benchmarks.watching $(ARGS)

bench-postgresql: $(VENV)/.dev ## Measure on PostgreSQL (ARGS="--secrets 1000000" for many secrets).
	$(BIN)/python -m benchmarks.postgresql $(ARGS)

bench-rotation: $(VENV)/.dev ## Rotate the data key of 100,000 values under load.
	$(BIN)/python -m benchmarks.rotation $(ARGS)

soak: $(VENV)/.dev ## Load one server for an hour, and tell its memory each minute.
	$(BIN)/python -m benchmarks.soak $(ARGS)

lock: $(VENV)/.dev ## Write the hashed lists of requirements anew.
	$(PIP) uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --group build pyproject.toml -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" --group build --group dev --all-extras pyproject.toml -o requirements/dev.txt

clean: ## Remove what make installed.
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Strongroom needs Python 3.11 or newer; try: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: $(BIN)/python requirements/runtime.txt pyproject.toml
	$(PIP) --no-deps --require-hashes -r requirements/runtime.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(PIP) --no-deps --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip --disable-pip-version-check check
	touch $@
