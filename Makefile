# make run      the app on http://localhost:8501 (PORT= changes it), no key needed; HOST=0.0.0.0 shares it
# make test     everything that CI checks: lint, types, all tests, coverage
# make security  bandit, and what is installed against the published advisories: part of make test
# make quick    lint and the tests that need no browser, no PostgreSQL and no running engine: under a minute
# make format   mend what can be mended by itself
# make bench    figures that take some minutes and no browser; bench-all all of them, with a million clips (40 minutes, Linux);
#               bench-faults holds other SDKs beside ours
# make chaos    1,000 intents, 100 kills (SEED= repeats a run)
# make mutants  small changes to the code that decides about money, each of which a test must notice (ONLY='rivya.retry*')
# make sandbox  a Rivya of our own on this computer
# make pictures the README's pictures and its short film, taken of the real app
# make wheel    a wheel of rivya, studio and sandbox, looked into
PORT ?= 8501
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-stamp
TEST_STAMP := $(VENV)/.test-stamp
BROWSER_STAMP := $(VENV)/.browser-stamp
PEERS_VENV := .venv-bench
PEERS_STAMP := $(PEERS_VENV)/.stamp
POSTGRES_STAMP := $(VENV)/.postgres-stamp
NGINX_STAMP := $(VENV)/.nginx-stamp
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# What is installed is compiled when it is first imported, and kept: each of some sixty Pythons would compile it anew.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run test machine quick lint types security pytest mutants sandbox examples pictures chaos bench bench-all bench-faults format translations wheel clean

# Two arenas: Streamlit runs each page in a thread of its own, and glibc would keep what each of sixteen once held.
run: $(RUN_STAMP)
	MALLOC_ARENA_MAX=2 $(BIN)/python -m streamlit run app.py --server.port=$(PORT) --server.headless=true $(if $(HOST),--server.address=$(HOST))

test: $(TEST_STAMP)
	$(MAKE) -j4 lint types security machine
	$(MAKE) pytest

# What the tests need besides Python; it is fetched while the code is read.
machine: $(BROWSER_STAMP) $(POSTGRES_STAMP) $(NGINX_STAMP)

lint: $(TEST_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/oxlint --deny-warnings --quiet pages
	$(BIN)/lint-imports

types: $(TEST_STAMP)
	$(BIN)/mypy

security: $(TEST_STAMP)
	$(BIN)/bandit --quiet -ll --recursive app.py pages rivya studio sandbox tools
	$(BIN)/python -m tools.audit_dependencies

# The floor of branch coverage is for rivya/ and studio/: their own tests must reach it, on SQLite. To measure is half as
# much work again, so what says the same about another database, under other faults, of hundreds of made-up examples or
# through a page is not measured. Most of these wait for a clip or a process now and then: six at a time keep two cores busy.
pytest: $(TEST_STAMP) machine
	$(BIN)/python -m pytest -n 6 -m measured --cov --cov-report= --cov-fail-under=92 tests/rivya tests/studio
	$(BIN)/python -m pytest -n 6 -m "not measured and not drawing" --ignore=tests/e2e
	$(BIN)/python -m pytest -n 3 --dist worksteal tests/e2e \
	  || { echo "Once more, alone: on a busy computer a browser can be late. What fails twice is broken."; \
	       $(BIN)/python -m pytest -n 0 tests/e2e --last-failed --last-failed-no-failures=none; }

# What can be known within a minute, while the money code itself is being written: see test for the rest.
QUICK := tests/rivya tests/studio/store tests/studio/media tests/studio/prompts tests/studio/reports tests/studio/i18n \
  tests/studio/test_draft.py tests/studio/test_old_history.py tests/test_architecture.py
quick: lint
	$(BIN)/python -m pytest -q -m "not postgres" $(QUICK)

format: $(TEST_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sandbox: $(RUN_STAMP)
	$(BIN)/python -m sandbox

# The small videos that the pages show, drawn anew and looked through; commit what changes.
examples: $(TEST_STAMP)
	$(BIN)/python -m tools.example_films pages/static/examples
	$(BIN)/python -m pytest -q tests/tools

# Look at what it made, then commit it.
pictures: $(TEST_STAMP) $(BROWSER_STAMP)
	$(BIN)/python -m tools.pictures

chaos: $(TEST_STAMP)
	PYTHONPATH=.:tests $(BIN)/python -m tests.chaos.chaos --intents 1000 --kills 100 $(if $(SEED),--seed $(SEED))

# Begins anew each time: a verdict that is kept would not know of a new test.
mutants: $(TEST_STAMP)
	rm -rf mutants
	$(BIN)/mutmut run $(if $(ONLY),'$(ONLY)') && $(BIN)/mutmut results | sed '/not checked/d'

wheel: $(TEST_STAMP)
	rm -rf $(VENV)/wheel build
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(VENV)/wheel .
	$(BIN)/python -m tools.look_into_wheel $(VENV)/wheel

bench: $(TEST_STAMP)
	$(BIN)/python -m benchmarks.polling
	$(BIN)/python -m benchmarks.callbacks
	$(BIN)/python -m benchmarks.store
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.drawing
	$(BIN)/python -m benchmarks.intents
	$(BIN)/python -m benchmarks.in_flight
	$(BIN)/python -m benchmarks.archive

# One after the other, since each wants the computer to itself. PostgreSQL's figures: the same with the URL of an empty database behind.
bench-all: bench $(BROWSER_STAMP) $(PEERS_STAMP)
	$(BIN)/python -m benchmarks.first_page
	$(BIN)/python -m benchmarks.press
	$(BIN)/python -m benchmarks.tabs
	$(BIN)/python -m benchmarks.pages 1000000
	$(BIN)/python -m benchmarks.store 1000000
	$(BIN)/python -m benchmarks.store_peers 1000000
	$(BIN)/python -m benchmarks.questions 1000000
	$(BIN)/python -m benchmarks.soak

# About three minutes; the first time it installs other people's SDKs (330 MB) in a venv of their own.
bench-faults: $(RUN_STAMP) $(PEERS_STAMP)
	$(BIN)/python -m benchmarks.faults

translations: $(TEST_STAMP)
	$(BIN)/pybabel -q extract -F babel.cfg --no-location -k N_ -k '_' -k 'ngettext:1,2' --no-wrap --omit-header -o $(VENV)/studio.pot rivya studio pages
	for language in bn; do \
	  $(BIN)/pybabel -q update -D studio -N --no-wrap --ignore-obsolete -l $$language -i $(VENV)/studio.pot -d studio/i18n/locale; done

clean:
	rm -rf $(VENV) $(PEERS_VENV)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }

$(RUN_STAMP): requirements.txt | $(BIN)/python
	$(BIN)/python tools/install_requirements.py requirements.txt
	@touch $@

$(TEST_STAMP): requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python tools/install_requirements.py requirements-dev.txt
	@touch $@ $(RUN_STAMP)

# Chromium without a window does the same for two thirds of the work; where it cannot be had at once, any Chromium will do.
QUICK_APT := -o Acquire::Retries=0 -o Acquire::http::Timeout=10
$(BROWSER_STAMP): $(TEST_STAMP)
	@command -v chromium-headless-shell >/dev/null 2>&1 \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(QUICK_APT) chromium-headless-shell >/dev/null 2>&1; } \
	  || command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } \
	  || $(BIN)/playwright install --with-deps chromium
	@touch $@

# A peer that cannot be installed says so in the table; the next time it is tried again.
$(PEERS_STAMP): benchmarks/requirements.txt | $(BIN)/python
	$(BIN)/python -m venv $(PEERS_VENV)
	if $(PEERS_VENV)/bin/python -m pip install --quiet --no-compile -r $<; then touch $@; \
	else grep -v '^#' $< | xargs -n 1 $(PEERS_VENV)/bin/python -m pip install --quiet || true; fi

# One after the other: apt lets nobody in beside itself. The tests start a server of their own; the package's own cluster is neither made nor started.
$(POSTGRES_STAMP): | $(BROWSER_STAMP)
	@if command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && export DEBIAN_FRONTEND=noninteractive \
	  && apt-get update -qq && apt-get install -y -qq postgresql-common \
	  && sed -i 's/^#*create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
	  && apt-get install -y -qq postgresql; then touch $@; \
	else echo "PostgreSQL is not here (no initdb) and cannot be installed: its tests are skipped"; fi

# One test puts two apps behind it; the package's own service is not started.
$(NGINX_STAMP): | $(POSTGRES_STAMP)
	@if PATH=$$PATH:/usr/sbin command -v nginx >/dev/null 2>&1; then touch $@; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq $(QUICK_APT) nginx-light >/dev/null 2>&1; then touch $@; \
	else echo "nginx is not here and cannot be installed: its test is skipped"; fi
