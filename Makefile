# Needs python3 (3.11 or newer, with venv) and make; everything else comes into .venv.
# On Debian and Ubuntu the venv module is the package python3-venv.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
SRC := src tests hatch_build.py
export PYTHONDONTWRITEBYTECODE := # else every process compiles all modules again
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup documents analysis demo demo-reset demo-cities test check format soak lock clean
.NOTPARALLEL:

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: $(VENV)/.ready ## Prepare .venv, in which `hejie` is the command

documents: $(VENV)/.ready-documents ## Add what PDF files need: the typesetter and a whole Chinese font

analysis: $(VENV)/.ready-analysis ## Add what finds out from many records at once: Splink, DuckDB

demo: setup ## Start the platform, the emulated wallet and one city; Ctrl-C stops all of it
	@exec $(BIN)/hejie demo

demo-reset: setup ## Forget the demo's data
	@$(BIN)/hejie demo --reset

demo-cities: setup ## Start six cities, each an installation of its own, and what happens between them
	@exec $(BIN)/hejie demo-cities

test: $(VENV)/.ready-test ## Run all tests (PYTEST_ARGS='tests/base -n 0' runs some)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.ready-test ## Lint, format, types, layers, sizes
	@echo "ruff: lint" && $(BIN)/ruff check --output-format concise $(SRC)
	@echo "ruff: format" && $(BIN)/ruff format --check --quiet $(SRC)
	@echo "mypy" && $(BIN)/mypy
	@echo "import-linter: layers" && $(BIN)/lint-imports
	@echo "sizes" && $(BIN)/python -m pytest tests/house

format: $(VENV)/.ready-test ## Let ruff format and mend what it can
	@$(BIN)/ruff check --fix-only --quiet $(SRC) && $(BIN)/ruff format $(SRC)

soak: $(VENV)/.ready-test ## The long versions of the tests: hours, not minutes
	@HEJIE_SOAK=1 $(BIN)/python -m pytest $(PYTEST_ARGS)
	@$(BIN)/hejie faults --disputes 1000 --kills 150

lock: ## Pin the requirements anew (needs uv)
	@set -e; for out in $(LOCKS); do \
	  case $$out in \
	    requirements.lock) from=pyproject.toml ;; \
	    requirements-documents.lock) from="pyproject.toml --extra documents -c requirements.lock" ;; \
	    requirements-analysis.lock) from="pyproject.toml --extra analysis -c requirements.lock" ;; \
	    requirements-test.lock) from="pyproject.toml --extra test -c requirements.lock" ;; \
	    *) from=$${out%.lock}.in ;; \
	  esac; \
	  echo "uv pip compile $$from -o $$out"; \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links $$from -o $$out; \
	done

clean: ## Remove .venv and everything that was made; the demo's data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build test-results \
	  node_modules src/hejie/web/static/vendor src/hejie/documents/fonts

LOCKS := requirements.lock requirements-documents.lock requirements-analysis.lock requirements-test.lock \
  requirements-build.lock requirements-node.lock tests/contract/wechatpay/requirements.lock

$(VENV)/.python:
	@set -e; for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  if "$$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2])' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)"; \
	    "$$python" -m venv --clear $(VENV); touch $@; exit 0; \
	  fi; \
	done; \
	echo "Hejie needs Python 3.11 or newer with its venv module; this machine has $$(python3 --version 2>&1)." >&2; \
	echo "On Debian or Ubuntu: apt install python3 python3-venv. Another one: make setup PYTHON=/path/to/python3" >&2; \
	exit 1

$(VENV)/.required: $(VENV)/.python requirements.lock requirements-build.lock requirements-node.lock
	@echo "Installing what Hejie needs"
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	@command -v npm >/dev/null || $(PIP) install --require-hashes -r requirements-node.lock
	@touch $@

$(VENV)/.ready: $(VENV)/.required pyproject.toml hatch_build.py package.json package-lock.json .npmrc
	@echo "Installing Hejie and its page assets"
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.ready-documents: $(VENV)/.ready requirements-documents.lock src/hejie/documents/npm/package-lock.json
	@echo "Installing what documents need"
	@$(PIP) install --quiet --require-hashes -r requirements-documents.lock
	@$(BIN)/python hatch_build.py fonts
	@touch $@

$(VENV)/.ready-analysis: $(VENV)/.ready requirements-analysis.lock
	@echo "Installing what analysis needs"
	@$(PIP) install --quiet --require-hashes -r requirements-analysis.lock
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready $(VENV)/.ready-documents requirements-test.lock
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@
