# Two commands matter: `make book` and `make test`. Both start from Python 3.11+ and make alone.
# `make help` (or just `make`) lists the rest.

PYTHON      ?=                  # the interpreter to build .venv from; empty: the newest one found
CONSTRAINTS ?= constraints.txt  # the versions CI ran; `make book CONSTRAINTS=` takes the newest instead
PROFILE     ?= smoke            # how long the chapters train: smoke, laptop, colab
REPO        ?=                  # for `make address`: owner/name
VERSION     ?=                  # for `make version`: such as 0.2.0

PYTHON      := $(strip $(PYTHON))
CONSTRAINTS := $(strip $(CONSTRAINTS))
PROFILE     := $(strip $(PROFILE))
BIN         := .venv/bin

# What our commands make in build/, by name or by the mark in it: what else lies there is somebody's own.
MADE := $(addprefix build/,.exposure-lab.lock chapters book.log reports)
MADE += $(patsubst %/.exposure-lab-made,%,$(wildcard build/book-src/.exposure-lab-made build/book-out/.exposure-lab-made))
MADE += $(if $(wildcard build/book.json),build/html build/book.json)
MADE += $(wildcard build/.exposure-lab-new-* build/.exposure-lab-old-*)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book test check quick coverage colab lint fix install clean map quotes syllabus address version constraints audit

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# Both commands leave alone what has not changed, so a second `make book` takes seconds.
book: $(BIN)/.installed-book ## install, run the chapters (PROFILE=smoke), build the site in build/html
	$(BIN)/exposure-lab chapters run --profile $(PROFILE)
	$(BIN)/exposure-lab book build

# From nothing, since an unchanged page is not read again and would hide its warnings.
test: $(BIN)/.installed-dev ## everything that CI runs, with a summary last (about half an hour)
	@rm -rf $(MADE)
	@$(BIN)/python tests/steps.py test

check: $(BIN)/.installed-dev ## lint, types, import rules, all fast tests
	@$(BIN)/python tests/steps.py check

quick: $(BIN)/.installed-dev ## lint, types, import rules, and the fast tests of what has changed
	@$(BIN)/python tests/steps.py quick

coverage: $(BIN)/.installed-dev ## which lines no test reaches, in build/reports/coverage
	@$(BIN)/python tests/steps.py coverage

colab: ## the install cell and all chapters with Colab's packages; PYTHON=python3.12: its older runtime
	@.ci/colab-environment "$(PYTHON)"

lint: $(BIN)/.installed-dev ## lint, types, import rules, spelling
	@$(BIN)/python tests/steps.py lint

fix: $(BIN)/.installed-dev ## let ruff repair and format what it can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

install: $(BIN)/.installed-dev ## only make .venv, with everything a developer needs

clean: ## remove .venv, what was made in build/, and every cache
	rm -rf .venv build/colab-3.12 build/colab-3.13 $(MADE) .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf exposure_lab.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

map: ## print every Python file with the first line of its docstring
	@python=$$(.ci/find-python "$(PYTHON)") && "$$python" .ci/map.py

quotes: $(BIN)/.installed-dev ## write what the results say of claims and of models into README and the first page
	@$(BIN)/python .ci/quotes.py

syllabus: $(BIN)/.installed-dev ## write the instructors' tables of hours, objectives and claims
	@$(BIN)/python .ci/syllabus.py

address: ## write the public address everywhere: make address REPO=owner/name
	@python=$$(.ci/find-python "$(PYTHON)") && "$$python" .ci/address.py "$(REPO)"

version: ## write the version of the next release everywhere: make version VERSION=0.2.0
	@python=$$(.ci/find-python "$(PYTHON)") && "$$python" .ci/version.py "$(VERSION)"

constraints: ## resolve constraints.txt anew, for Python 3.11 and 3.13
	@python=$$(.ci/find-python "$(PYTHON)") && "$$python" .ci/constraints.py

audit: ## ask for known advisories against constraints.txt (needs an advisory service)
	@.ci/audit "$(PYTHON)"

# pip writes itself last, so an interrupted `venv` is simply made again.
$(BIN)/pip:
	@python=$$(.ci/find-python "$(PYTHON)") && echo "Making .venv with $$python" && "$$python" -m venv .venv

# The first install fetches PyTorch as its authors publish it: 5 GB on disk on Linux, CPU and GPU alike.
$(BIN)/.installed-book: extras := book
$(BIN)/.installed-dev: extras := book,dev,grade
$(BIN)/.installed-%: pyproject.toml $(CONSTRAINTS) | $(BIN)/pip
	@echo "Installing exposure-lab[$(extras)] in .venv: minutes and 6 GB the first time (VERBOSE=1 shows progress)"
	@$(BIN)/python -m pip install $(if $(VERBOSE),,--quiet) --disable-pip-version-check \
		$(addprefix --constraint ,$(CONSTRAINTS)) --editable '.[$(extras)]'
	@touch $@
