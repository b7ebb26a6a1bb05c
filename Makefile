# The commands of the README. `make help` lists them.
PYTHON ?= python3
UV     ?= uv
PORT   ?= 3000
RESET  ?=
ARGS   ?=
SEED   ?= 1
MINUTES ?= 10
N      ?= 10000
SEEDS  ?= 1-5
STEPS  ?= 200
AGAIN  ?=

# What Python compiles is kept, also in containers that say otherwise: the tests start many processes.
export PYTHONDONTWRITEBYTECODE =

venv    = .venv
bin     = $(venv)/bin
stamp   = $(venv)/.installed
tools   = node_modules/.installed
compile = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: help setup demo test faults soak walk check page bench growth requirements

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

setup: $(stamp) ## create the environment in .venv (takes no time when it is up to date)

# Installing touches the stamp, so nothing runs again until the requirements change.
$(stamp): requirements-dev.txt
	@command -v $(PYTHON) >/dev/null 2>&1 \
		|| { echo "$(PYTHON) was not found: install Python 3.11 or newer, or name one: make setup PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11: install a newer Python, or name one: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "This Python lacks its venv module: install the package python3-venv (Debian, Ubuntu: apt install python3-venv)"; exit 1; }
	@echo "Creating the environment in $(venv), once: about a minute."
	@$(PYTHON) -m venv $(venv)
	@$(bin)/python -m pip install -qq --no-input --disable-pip-version-check \
		--require-hashes --requirement requirements-dev.txt \
		|| { echo "The packages could not be installed: see the lines above, then run make setup again."; exit 1; }
	@touch $(stamp)

demo: setup ## run the bot with a Slack and a Segment to play with: PORT=4000 RESET=1
	@$(bin)/python -m bot demo --port $(PORT) $(if $(RESET),--reset)

# Stories wait a little, so it pays to run more processes than cores; but each collects all tests first.
test: setup ## run all tests, on SQLite and on a PostgreSQL of their own: ARGS='-k name'
	@$(bin)/python -m pytest -n 6 --dist worksteal $(ARGS)

# What `make test` runs in a short form.
sampled = tests/faults tests/combinations tests/contract/test_unreadable_rows.py \
	tests/unit/setup/test_step_machine.py \
	$(addprefix tests/unit/views/,test_limits.py test_setup.py) \
	$(addprefix tests/scenario/,test_refused_places.py test_http_edges.py test_hostile_payloads.py)

faults: setup ## run what make test runs a sample of, whole and with a fresh seed: SEED=7
	@FAULTS_SEED=$(if $(filter command line,$(origin SEED)),$(SEED),$$(date +%s)) \
		$(bin)/python -m pytest -n 2 $(sampled) $(ARGS)

walk: setup ## press at random what stands on screen: SEEDS=1,2,10-19 STEPS=200, AGAIN=file
	@$(bin)/python -m tests.walk $(if $(AGAIN),--again $(AGAIN),--seeds $(SEEDS) --steps $(STEPS)) $(ARGS)

soak: setup ## kill workers and cut connections for MINUTES=10, from SEED=1 on
	@SEED=$(SEED) MINUTES=$(MINUTES) $(bin)/python -m pytest tests/faults/soak.py
	@SEED=$(SEED) HOSTILE=60000 $(bin)/python -m pytest -n 0 tests/scenario/test_hostile_payloads.py

check: setup ## check formatting, lint, types, import contracts, manifest, strings, secrets, the page
	@$(bin)/ruff format --check .
	@$(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/lint-imports
	@$(bin)/python -m pytest -q tests/unit -k "manifest or strings or supply"
	@$(MAKE) --no-print-directory page

# Nothing else here needs Node.js. If it is missing, too old or offline, CI does this check.
page: ## check types and lint of the playground's page, if Node.js is there
	@if ! command -v npm >/dev/null 2>&1; then \
		echo "The playground's page is not checked: there is no npm here."; \
	elif ! $(MAKE) --silent $(tools) 2>/dev/null; then \
		echo "The playground's page is not checked: npm install fails here."; \
	else npm run --silent check; fi

# Installing touches this file, so nothing runs again until package.json changes. The tools
# themselves say which Node.js they need.
$(tools): package.json
	@npm install --silent --fetch-retries=0
	@touch $(tools)

bench: setup ## compare CPU time with other frameworks, into var/bench.json: ARGS='--help'
	@$(bin)/python -m bench $(ARGS)

growth: setup ## what each statement takes among N=100000 customers, into var/bench.json
	@$(bin)/python -m bench.growth $(N)

requirements: ## pin what pyproject.toml asks for, with hashes (needs uv)
	@command -v $(UV) >/dev/null 2>&1 \
		|| { echo "uv was not found: install it, or name it: make requirements UV=/path/to/uv"; exit 1; }
	@$(compile) pyproject.toml --output-file requirements.txt
	@$(compile) pyproject.toml --group dev --constraints requirements.txt --output-file requirements-dev.txt
