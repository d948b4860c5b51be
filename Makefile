# Every workflow of the project. `make` alone lists them.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON := $(VENV)/bin/python
BASE_PYTHON ?= $(shell command -v python3.11 || command -v python3)

PORT ?= 8000
DATA_DIR ?= data
export PORT DATA_DIR
demo: DATA_DIR := $(if $(filter file,$(origin DATA_DIR)),data/demo,$(DATA_DIR))


SOURCES := portal provisioning sandbox
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard portal/locale/*/LC_MESSAGES/*.po))

.PHONY: help setup demo run test check types pytest-sqlite pytest-postgresql chaos bench screenshots lock format

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done
	@echo
	@echo '  Variables: PORT (8000), DATA_DIR (data, for the demo data/demo); for the demo'
	@echo '  also USERS (200) and SEED_STATE (empty, configured or running; default configured).'

# --- What has to be there -----------------------------------------------------------------------------------------

setup: $(VENV)/installed-dev $(VENV)/tools $(CATALOGUES) ## Make the virtual environment and install everything that the tests need
	@echo 'Everything is installed.'

# $(1): Debian packages. As root they are installed, otherwise through sudo if it asks nothing; else one clear line.
apt = if [ "$$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo=sudo; \
	else echo "Please install these packages first: sudo apt-get install $(1)" >&2; exit 1; fi; \
	echo 'Installing with apt-get: $(1)'; \
	$$sudo apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -q --no-install-recommends $(1) >/dev/null </dev/null

$(PYTHON):
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Rollcall needs Python 3.11 or newer.' >&2; exit 1; }
	@$(BASE_PYTHON) -c 'import ensurepip' 2>/dev/null || { $(call apt,python3-venv); }
	@echo 'Making the virtual environment'
	@$(BASE_PYTHON) -m venv $(VENV)

# A constraint of the machine must not argue with the lock, so pip gets none.
PIP := PIP_CONSTRAINT=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore $(PYTHON) -m pip install -q --require-hashes

# uv installs a lock in seconds. Where it cannot be had, or finds no way out, pip does the same more slowly.
$(VENV)/uv.txt: requirements-dev.txt | $(PYTHON)
	@sed -n '/^uv==/,/^ *#/p' requirements-dev.txt > $@
	@$(PIP) -r $@ || echo 'Going on without uv.'

$(VENV)/installed-%: requirements-%.txt $(VENV)/uv.txt
	@echo 'Installing $<'
	@if [ -x $(VENV)/bin/uv ] && $(VENV)/bin/uv pip install -q --native-tls --link-mode copy --python $(PYTHON) --require-hashes -r $<; \
	then :; else $(PIP) -r $<; fi
	@touch $@

# The browser of the tests, and gettext for the translations.
$(VENV)/tools: | $(PYTHON)
	@missing=; command -v chromium >/dev/null || missing="chromium fonts-liberation"; \
	command -v msgfmt >/dev/null || missing="$$missing gettext"; \
	if [ -n "$$missing" ]; then $(call apt,$$missing); fi
	@touch $@

$(VENV)/gettext: | $(PYTHON)
	@command -v msgfmt >/dev/null || ( $(call apt,gettext) ) || echo 'Going on without the translations.'
	@touch $@

%.mo: %.po | $(VENV)/gettext
	@if command -v msgfmt >/dev/null; then msgfmt --check -o $@ $<; fi

# --- Running ------------------------------------------------------------------------------------------------------

demo: $(VENV)/installed-demo $(CATALOGUES) ## Start everything with a pretend directory and GoTo account
	@exec $(PYTHON) manage.py demo

run: $(VENV)/installed-demo $(CATALOGUES) ## Start everything for your own directory and GoTo account
	@exec $(PYTHON) manage.py run

# --- Checking -----------------------------------------------------------------------------------------------------

test: setup check pytest-sqlite pytest-postgresql ## Check and test everything, on SQLite and on PostgreSQL
	@$(PYTHON) -m tests.counts SQLite=.pytest_cache/sqlite.xml PostgreSQL=.pytest_cache/postgresql.xml

check: setup types ## Style, types, layers, templates, migrations, system checks
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/djlint templates --lint --quiet
	@DJANGO_SETTINGS_MODULE=tests.settings $(PYTHON) manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=tests.settings $(PYTHON) manage.py check

types: setup
	@$(VENV)/bin/mypy $(SOURCES)

pytest-sqlite: setup
	@echo '--- Tests on SQLite'
	@$(VENV)/bin/pytest -n 2 --dist loadgroup --junit-xml=.pytest_cache/sqlite.xml

pytest-postgresql: setup
	@echo '--- Tests of the database on PostgreSQL'
	@$(PYTHON) -m tests.postgresql $(VENV)/bin/pytest -n 2 --dist loadgroup -m 'database and not browser and not slow' --junit-xml=.pytest_cache/postgresql.xml

chaos: setup ## Kill, freeze and starve real workers; nobody may be lost or doubled
	@CHAOS_PEOPLE=500 $(VENV)/bin/pytest -m chaos -v
	@CHAOS_PEOPLE=500 $(PYTHON) -m tests.postgresql $(VENV)/bin/pytest -m chaos -v

bench: setup ## Measure (a table, and JSON in benchmarks/results)
	@$(PYTHON) -m benchmarks

screenshots: setup ## Pictures of every page into docs/screens
	@$(VENV)/bin/pytest -m screenshots tests/portal/screenshots.py

# --- Maintaining --------------------------------------------------------------------------------------------------

format: setup ## Bring the code into its form
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

lock: $(VENV)/uv.txt ## Renew the locks from the requirements*.in files
	@for name in requirements requirements-demo requirements-dev; do \
		$(VENV)/bin/uv pip compile -q --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --python-version 3.11 $$name.in -o $$name.txt || exit 1; \
	done
