# Everything runs in .venv, made from what constraints.txt pins.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: docs quickstart migration install develop system test test-slow torture lint speed clean

quickstart: install
	$(BIN)/deshi run benchmarks/quickstart.toml --workers 2

# What replacing one offline teacher by another does: a run, the answer, and a page.
migration: install
	$(BIN)/deshi run benchmarks/teacher-migration-offline.toml --workers 2 --quiet
	$(BIN)/deshi migrate
	$(BIN)/deshi report latest -o migration.html

install: .venv/installed

develop: .venv/developed

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[offline,neural,encoder]'
	@touch $@

.venv/developed: pyproject.toml constraints.txt | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,dev]'
	@touch $@ .venv/installed

# Programs that some slow tests drive: a browser, LaTeX, and fonts for both. Debian, as root.
system:
	.ci/system

test: develop
	$(BIN)/pytest -q -n 2 -m "not slow"

test-slow: develop
	$(BIN)/pytest -q -n 2 --dist loadscope -m slow

# Every round of what is long and random, of which test-slow runs a twentieth. Hours; it goes on
# where it was stopped, as .torture/SEED tells.
SEED ?= 1
torture: develop
	@echo "SEED=$(SEED)"
	TORTURE=$(SEED) $(BIN)/pytest -q -n 2 -m torture
	$(BIN)/python scripts/mutation.py --seed $(SEED)

lint: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/kernel_size.py

docs: develop
	$(BIN)/python scripts/reference.py --check
	$(BIN)/sphinx-build -E -W --keep-going -q -b html docs build/docs

speed: develop
	$(BIN)/python -m benchmarks.speed

clean:
	rm -rf .venv .deshi .torture dist build
