# Two commands for users: `make demo` and `make test`. Both set everything up, without root, and are quick the second time.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
OUT ?= demo
PYTEST_ARGS ?=

.PHONY: help
help: ## Show this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/installed ## Set up, replay the sample recording, and say where the results are
	@$(BIN)/sitewatch weights fetch yolov3-tiny
	@sample="$$($(BIN)/sitewatch sample fetch)"; $(BIN)/sitewatch replay "$$sample" --out $(OUT)

.PHONY: test
test: $(VENV)/installed-dev .oracle/opencv-4 ## Set up and run the tests
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: lint
lint: $(VENV)/installed-dev ## Check style, types and the direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy tests benchmarks docs/pictures
	@$(BIN)/lint-imports

.PHONY: bench
bench: $(VENV)/installed-dev .peers/installed ## Measure quality, speed and memory; SITEWATCH_DATA names the evaluation data
	@$(BIN)/python -m benchmarks --peer-python .peers/bin/python

.PHONY: bench-live
bench-live: $(VENV)/installed-dev ## Measure the daemon: speed, ages, memory; SITEWATCH_DATA names the evaluation data
	@$(BIN)/python -m benchmarks.live

.PHONY: clean
clean: ## Remove what the other commands made here; downloads in the user's cache stay
	rm -rf $(VENV) .oracle .peers demo build *.egg-info .*_cache .hypothesis

# The first line of each recipe below names what is missing before pip can fail in a less readable way.
$(VENV)/python-ready: scripts/find-python
	@python="$$(scripts/find-python)"; echo "Setting up $(VENV) with $$python"; "$$python" -m venv $(VENV)
	@touch $@

# TrackEval asks for opencv-python, whose files would overwrite those of the headless build: docs/adr/0002.
$(VENV)/installed: $(VENV)/python-ready pyproject.toml constraints.txt
	@echo "Installing Sitewatch and its pinned dependencies (the first time: a few minutes, about 7 GB of disk)"
	@$(PIP_INSTALL) --editable .
	@$(PIP_INSTALL) --no-deps trackeval
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing the tools for tests and checks"
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $@

# OpenCV 4 still reads Darknet networks: the oracle of the YOLOv3 tests, kept out of the environment.
.oracle/opencv-4: $(VENV)/python-ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $@ opencv-python-headless==4.14.0.94

.peers/installed: $(VENV)/python-ready benchmarks/peers.txt
	@$(BIN)/python -m venv .peers
	@.peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement benchmarks/peers.txt
	@touch $@
