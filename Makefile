# make demo   builds the three shipped model portfolios on the built-in market, into out/
# make test   lint, types, architecture and all tests
# make hard   thousands of degenerate mandates against an independent solver
# make accounts  a thousand random accounts turned into orders
# make bench  timings, and optimizer and walks beside other libraries (half an hour; QUICK=1: five minutes, small)
# They set themselves up in .venv first, from the versions in requirements.lock; other libraries go into .venv-bench.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BENCH := .venv-bench/bin
BENCH_READY := .venv-bench/.ready

.PHONY: demo test lint types architecture unit hard accounts bench bench-spine bench-estimates bench-peers bench-walks \
    bench-risk bench-rebalancing bench-loading bench-data bench-docs docs docs-report lock clean

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

# Thousands of degenerate mandates, new ones each time; the test suite has a few hundred that stay the same.
hard: $(READY)
	AGGPLUS_HARD_EXAMPLES=5000 HYPOTHESIS_PROFILE=search OPENBLAS_NUM_THREADS=1 \
	    $(BIN)/python -m pytest -n auto tests/optimizer/test_hard_input.py tests/optimizer/test_batch.py

# A thousand random accounts, each within its clauses or told; the test suite has a hundred.
accounts: $(READY)
	AGGPLUS_ACCOUNTS=1000 OPENBLAS_NUM_THREADS=1 \
	    $(BIN)/python -m pytest tests/aggplus/accounts/test_random_accounts.py

bench: bench-spine bench-estimates bench-peers bench-walks

bench-spine: $(READY)
	$(BIN)/python -m benchmarks.spine

bench-estimates: $(READY)
	$(BIN)/python -m benchmarks.estimates

bench-peers: $(BENCH_READY)
	$(BENCH)/python -m benchmarks.peers.run $(if $(QUICK),--quick)

# Walks through history, on the market in AGGPLUS_MARKET, else on the built-in one.
bench-walks: $(BENCH_READY)
	$(BENCH)/python -m benchmarks.walks.run $(if $(QUICK),--quick)

# Forecasts of every risk model on the real market in AGGPLUS_MARKET: five minutes.
bench-risk: $(READY)
	$(BIN)/python -m benchmarks.forecasts

# When to re-solve, on the same market: the choice on 2009 to 2015, and what came after it.
bench-rebalancing: $(READY)
	$(BIN)/python -m benchmarks.rebalancing

# Loading markets of one and of ten million prices: two minutes.
bench-loading: $(READY)
	$(BIN)/python -m benchmarks.loading

# Errors planted in the real market, and what the data checks see of them: ten minutes.
bench-data: $(READY)
	$(BIN)/python -m benchmarks.data_checks.run $(if $(QUICK),--quick)

# docs/benchmark.md, benchmark-walks.md, forecasts.md, rebalancing.md, benchmark-loading.md and data-checks.md, from the
# figures of the last whole runs.
bench-docs: $(READY)
	$(BIN)/python -m benchmarks.peers.page
	$(BIN)/python -m benchmarks.walks.page
	$(BIN)/python -m benchmarks.forecasts --page
	$(BIN)/python -m benchmarks.rebalancing --page
	$(BIN)/python -m benchmarks.loading --page
	$(BIN)/python -m benchmarks.data_checks.run --page

# The references of the model document and of the command line, from what they describe, and the cookbook, from its
# mandates; a test notices when one is out of date.
docs: $(READY)
	$(BIN)/python docs/model_document.py
	$(BIN)/python docs/command_line.py
	$(BIN)/python docs/cookbook.py

# docs/report.png, with the system's Chromium.
docs-report: $(READY)
	$(BIN)/python docs/report_picture.py

# After a change of dependencies: every version pinned, for every platform, without addresses.
lock: $(READY)
	$(call pin,dev,requirements.lock)
	$(call pin,bench,requirements-bench.lock)

define pin
$(BIN)/uv pip compile pyproject.toml --extra $(1) --universal --python-version 3.11 --fork-strategy fewest \
    --no-header --upgrade --quiet -o $(2)
endef

$(READY): requirements.lock pyproject.toml
	$(call set-up,.venv,requirements.lock)

$(BENCH_READY): requirements-bench.lock pyproject.toml
	$(call set-up,.venv-bench,requirements-bench.lock)

define set-up
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
    { echo "aggplus needs Python 3.11 or newer: $$($(PYTHON) --version 2>&1) found; say make PYTHON=python3.11"; exit 1; }
$(PYTHON) -m venv --clear $(1)
$(1)/bin/python -m pip install --quiet --disable-pip-version-check -r $(2)
$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
@touch $(1)/.ready
endef

clean:
	rm -rf .venv .venv-bench out build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
