# Everything from a fresh clone: each target first sets up what it needs (python3, make and git are enough).
# PYTHON=python3.13 make run   chooses the interpreter;   ARGS="--port 9000" make run   passes arguments on.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS   ?=
# Files of tests that run side by side, in their own order: the long ones with few tests would all come last otherwise.
TESTERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test lint style types bench requirements lock bundle chromium clean

help:
	@echo "make run           hotline up: http://127.0.0.1:8000 with a demo city   (ARGS=\"--port 9000\")"
	@echo "make test          all tests, with a real browser                       (ARGS=\"tests/cases -k visit\")"
	@echo "make lint          ruff and mypy                                        (make style, make types: one of them)"
	@echo "make bench         the measurements of bench/"
	@echo "make requirements  which rows of the requirements are proven, by which test"
	@echo "make bundle        dist/hotline-….tar: installs without any network    (deploy/bundle.py)"
	@echo "make lock          compute the locked dependencies again"
	@echo "make clean         remove what these targets made (never var/, which is data)"

run: $(VENV)/.ready
	@exec $(BIN)/hotline up $(ARGS)

test: $(VENV)/.ready-dev chromium
	$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n $(TESTERS) --dist loadfile --no-loadscope-reorder)

lint: style types

style: $(VENV)/.ready-dev
	$(BIN)/ruff check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

bench: $(VENV)/.ready-dev
	$(BIN)/python -m bench $(ARGS)

requirements: $(VENV)/.ready-dev
	@$(BIN)/python -m tests.requirements $(ARGS)

lock: $(VENV)/.ready-dev
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK) -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group build --group dev -c requirements.lock $(LOCK) -o requirements-dev.lock

bundle: $(VENV)/.ready
	$(BIN)/python deploy/bundle.py $(ARGS)

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=... make)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing python3-venv ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
	  else echo "Python's venv is missing: run  sudo apt-get install python3-venv  and try again"; exit 1; fi; }
	@echo "making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.lock pyproject.toml hatch_build.py | $(BIN)/python
	@echo "installing the locked dependencies (once) ..."
	@# --ignore-requires-python: the package that ECharts is copied from says < 3.14, and is never run.
	@$(PIP) install --no-deps --require-hashes --ignore-requires-python -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "installing what the tests need (once) ..."
	@$(PIP) install --no-deps --require-hashes --ignore-requires-python -r requirements-dev.lock
	@touch $@

# The browser tests want Chromium and a font with Chinese in it. Elsewhere than in CI they are skipped without.
chromium:
	@if ! command -v chromium >/dev/null || [ ! -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing chromium and fonts-noto-cjk ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; \
	  else echo "no Chromium: the browser tests are skipped; run  sudo apt-get install chromium fonts-noto-cjk"; fi; fi

clean:
	rm -rf $(VENV) build dist web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
