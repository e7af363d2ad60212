# Each target does all its own set-up, and re-uses what is there.
PROVISION := tests/provision/provision.sh
BIN := .venv/bin
SCRIPTS := $(PROVISION) .ci/run daemon/buildd/runner/supervisor.sh

.PHONY: help demo test bench lint format setup clean

help:
	@echo 'make demo     build a real C project in a container, show its error as an editor would'
	@echo 'make test     run the tests (ARGS="-k queue" for some)'
	@echo 'make lint     ruff, mypy, shellcheck'
	@echo 'make bench    time runs beside their alternatives'
	@echo 'make format   format the code'
	@echo 'make clean    remove what these have made here'

demo:
	@$(PROVISION) python engine image sources
	@if [ "$$(cat .cache/engine)" = docker ]; then \
	    $(BIN)/buildd demo --source .cache/sources/zlib --image buildd-test/c:1; \
	else \
	    $(BIN)/buildd demo --source .cache/sources/zlib --engine host; \
	fi

setup:
	@$(PROVISION) python tools engine image sources

test: setup
	BUILDD_TEST_ENGINE=$$(cat .cache/engine) $(BIN)/python -m pytest $(ARGS)

bench: setup
	@$(PROVISION) devcontainer
	BUILDD_TEST_ENGINE=$$(cat .cache/engine) $(BIN)/python -m tests.bench $(ARGS)

lint:
	@$(PROVISION) python
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/shellcheck --shell=bash $(PROVISION) .ci/run
	$(BIN)/shellcheck --shell=sh daemon/buildd/runner/supervisor.sh

format:
	@$(PROVISION) python
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf .venv .cache dist build .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
