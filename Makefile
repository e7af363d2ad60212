# Each target does all its own set-up, and re-uses what is there.
PROVISION := tests/provision/provision.sh
BIN := .venv/bin
SCRIPTS := $(PROVISION) .ci/run daemon/buildd/runner/supervisor.sh
NEOVIM := clients/neovim
STYLUA = PATH="$(CURDIR)/$(BIN):$$PATH" node tests/provision/stylua.cjs $(CURDIR)/.cache/stylua/node_modules/@johnnymorganz/stylua
LUA = $(NEOVIM)/stylua.toml $(shell find $(NEOVIM) tests -name '*.lua')
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix clients/vscode

.PHONY: help demo test test-vscode vsix docs bench soak fuzz lint audit lock format setup clean neovim

help:
	@echo 'make demo     build a real C project in a container, show its error as an editor would'
	@echo 'make test     run the tests (ARGS="-k queue" for some)'
	@echo 'make test-vscode  the extension in a real VS Code, in a browser without a screen'
	@echo 'make vsix     package the VS Code extension as clients/vscode/buildd.vsix'
	@echo 'make neovim   link the Neovim plugin to where Neovim finds it'
	@echo 'make docs     build the documentation in .cache/site'
	@echo 'make lint     ruff, mypy, shellcheck; luacheck, StyLua; tsc, eslint, prettier'
	@echo 'make lock     have the tests use the newest versions of the Python packages, and record them'
	@echo 'make audit    what is known against the packages that are built with, Python's and those of the VS Code extension'
	@echo 'make bench    time runs beside their alternatives'
	@echo 'make soak     many projects, clients and faults for ten minutes (ARGS="--minutes 2"); then compare'
	@echo 'make fuzz     look for bytes that break a promise, a minute for each target (ARGS="--seconds 9 parsers")'
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
	@$(PROVISION) python tools engine rootless image sources neovim editors

PYTEST = BUILDD_TEST_ENGINE=$$(cat .cache/engine) $(BIN)/python -m pytest
# What has failed is tried once more, alone, and has failed if it fails again.
AGAIN = [ $$? -eq 1 ] && echo "once more, alone:" && $(PYTEST) -n 0 --last-failed --last-failed-no-failures none

# Two files at once: most of the time a test waits for others' processes.
test: setup
	$(PYTEST) -n 2 --dist loadfile $(ARGS) || { $(AGAIN) $(ARGS); }

vsix:
	@$(PROVISION) python node extension
	$(NPM) run package

test-vscode: setup vsix
	@$(PROVISION) vscode
	$(NPM) test
	export BUILDD_TEST_VSCODE=1; $(PYTEST) tests/vscode $(ARGS) || { $(AGAIN) tests/vscode $(ARGS); }

bench: setup
	@$(PROVISION) devcontainer
	PATH="$(CURDIR)/$(BIN):$$PATH" BUILDD_TEST_ENGINE=$$(cat .cache/engine) $(BIN)/python -m tests.bench $(ARGS)

soak: setup
	BUILDD_TEST_ENGINE=$$(cat .cache/engine) $(BIN)/python -m tests.soak $(ARGS)

fuzz:
	@$(PROVISION) python fuzz
	$(BIN)/python -m tests.fuzz $(ARGS)

lint:
	@$(PROVISION) python node lua extension
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/shellcheck --shell=bash $(PROVISION) .ci/run
	$(BIN)/shellcheck --shell=sh daemon/buildd/runner/supervisor.sh
	luacheck --quiet --config $(NEOVIM)/.luacheckrc $(NEOVIM) tests
	@$(STYLUA) check $(LUA)
	$(NPM) run lint

# Only what is committed is built: a generated part that is not up to date fails in tests/docs.
docs:
	@$(PROVISION) python docs
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --nitpicky \
	    --conf-dir docs --doctree-dir .cache/doctrees . .cache/site
	@echo 'The documentation is in .cache/site/index.html.'

lock: setup
	$(BIN)/python -m pip install --quiet --upgrade --upgrade-strategy eager --editable . \
	    --group dev --group docs --group vscode --group fuzz
	@{ head -1 tests/provision/constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } >.cache/constraints.txt
	mv .cache/constraints.txt tests/provision/constraints.txt

audit:
	@$(PROVISION) python node extension
	@$(BIN)/python tests/provision/audit.py
	@PATH="$(CURDIR)/$(BIN):$$PATH" node tests/provision/audit.mjs

format:
	@$(PROVISION) python node lua extension
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	@$(STYLUA) write $(LUA)
	$(NPM) run format

PACKAGES = $${XDG_DATA_HOME:-$$HOME/.local/share}/nvim/site/pack/buildd/start
neovim:
	mkdir -p "$(PACKAGES)"
	ln -sfn "$(CURDIR)/$(NEOVIM)" "$(PACKAGES)/buildd"
	if command -v nvim >/dev/null; then nvim --headless -u NONE -c 'helptags $(NEOVIM)/doc' -c quit; fi

clean:
	rm -rf .venv .cache dist build .mypy_cache .pytest_cache .ruff_cache
	rm -rf clients/vscode/node_modules clients/vscode/dist clients/vscode/*.vsix
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
