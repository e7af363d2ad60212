# Each target does all its own set-up, and re-uses what is there.
PROVISION := tests/provision/provision.sh
BIN := .venv/bin
NEOVIM := clients/neovim
STYLUA = PATH="$(CURDIR)/$(BIN):$$PATH" node tests/provision/stylua.cjs $(CURDIR)/.cache/stylua/node_modules/@johnnymorganz/stylua
LUA = $(NEOVIM)/stylua.toml $(shell find $(NEOVIM) tests -name '*.lua')
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix clients/vscode

.PHONY: help demo setup check test prepare test-vscode test-pythons test-docker vsix docs bench soak fuzz \
    lint audit lock format man clean neovim

help:
	@echo 'make demo     build a real C project in a container, show its error as an editor would'
	@echo 'make setup    all that the tests need; as root it installs packages and starts Docker'
	@echo 'make check    lint, types and the tests that need no engine and no editor: two minutes'
	@echo 'make test     run all tests that can run here (ARGS="-k queue" for some)'
	@echo 'make test-pythons  the tests of `make check` with each Python that is supported and here'
	@echo 'make test-docker  the tests of engines with the Docker of Debian 13, in a container'
	@echo 'make test-vscode  the extension in a real VS Code, in a browser without a screen'
	@echo 'make vsix     package the VS Code extension as clients/vscode/buildd.vsix'
	@echo 'make man      the manual page, made from the help; the wheel has it too'
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
	@$(MAKE) --no-print-directory setup STEPS="python docker engine demo"
	@$(BIN)/buildd demo $$(cat .cache/demo)

STEPS = python tools docker engine rootless image sources neovim editors
setup:
	@$(PROVISION) $(STEPS)

# An engine that is there is used; root gets one that is not.
prepare:
	@$(PROVISION) python engine
	@if [ "$$(cat .cache/engine)" = host ] && [ "$$(id -u)" = 0 ]; then \
	    $(MAKE) --no-print-directory setup; \
	else \
	    $(PROVISION) tools rootless image sources neovim editors; \
	fi

PYTEST = BUILDD_TEST_ENGINE=$$(cat .cache/engine) $(BIN)/python -m tests.provision.suite

# Two files at once: most of the time a test waits for others' processes.
test: prepare
	$(PYTEST) all -n 2 --dist loadfile $(ARGS)

check: lint
	BUILDD_TEST_ENGINE=host $(BIN)/python -m tests.provision.suite check $(WITHOUT) $(ARGS)

# What needs no engine and no editor.
WITHOUT = -n 4 --dist worksteal -m "not engine" \
    --ignore tests/clients/neovim --ignore tests/clients/editors

# Those of the classifiers that are here; PYTHONS="3.12 3.14" for some.
test-pythons:
	@$(PROVISION) python
	$(BIN)/python -m tests.provision.pythons --only "$(PYTHONS)" $(WITHOUT) $(ARGS)

test-docker:
	@$(PROVISION) python docker engine debian13
	tests/provision/docker13.sh -n 2 --dist loadfile -m engine \
	    tests/engines tests/environments tests/faults tests/runner $(ARGS)

vsix:
	@$(PROVISION) python node extension
	$(NPM) run package

test-vscode: setup vsix
	@$(PROVISION) vscode
	$(NPM) test
	BUILDD_TEST_VSCODE=1 $(PYTEST) vscode tests/vscode $(ARGS)

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
	$(BIN)/shellcheck --shell=bash --external-sources $(PROVISION) tests/provision/*.sh .ci/run
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

man:
	@$(PROVISION) python
	mkdir -p dist
	$(BIN)/python -m buildd_cli.manual >dist/buildd.1
	@echo 'man -l dist/buildd.1 shows it'

PACKAGES = $${XDG_DATA_HOME:-$$HOME/.local/share}/nvim/site/pack/buildd/start
neovim:
	mkdir -p "$(PACKAGES)"
	ln -sfn "$(CURDIR)/$(NEOVIM)" "$(PACKAGES)/buildd"
	if command -v nvim >/dev/null; then nvim --headless -u NONE -c 'helptags $(NEOVIM)/doc' -c quit; fi

clean:
	rm -rf .venv .cache dist build .mypy_cache .pytest_cache .ruff_cache
	rm -rf clients/vscode/node_modules clients/vscode/dist clients/vscode/*.vsix
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
