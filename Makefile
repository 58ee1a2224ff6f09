# make demo   builds the three shipped model portfolios on the built-in market, into out/
# make test   lint, types, architecture and all tests
# Both set themselves up in .venv first, from the versions in requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test lint types architecture unit bench docs lock clean

demo: $(READY)
	$(BIN)/aggplus demo --out out

test: lint types architecture unit

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

architecture: $(READY)
	$(BIN)/lint-imports

# One thread of linear algebra a worker: the workers fill the cores.
unit: $(READY)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto

bench: $(READY)
	$(BIN)/python -m benchmarks.spine

# The reference of the model document, from its schema; a test notices when it is out of date.
docs: $(READY)
	$(BIN)/python docs/model_document.py

# After a change of dependencies: every version pinned, for every platform, without addresses.
lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --fork-strategy fewest \
	    --no-header --upgrade --quiet -o requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "aggplus needs Python 3.11 or newer: $$($(PYTHON) --version 2>&1) found; say make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean:
	rm -rf .venv out build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
