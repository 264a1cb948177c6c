# Two commands are all you need: `make run` and `make test`.
PYTHON ?= python3
# On Linux the usual build brings CUDA; see README for a CPU-only or another GPU build. One that is named here is taken
# as it is named: its hash is known to whoever names it.
TORCH ?=
PIP := .venv/bin/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-compile
# All at once and by all cores; what some packages bring for other Pythons doesn't compile, and isn't used.
COMPILE := .venv/bin/python -m compileall -qq -j 0 .venv/lib || true
NAMES_CUDA := .venv/bin/python -c 'import sys; from importlib.metadata import requires; \
	sys.exit(not any("cuda" in name for name in requires("torch")))'

.PHONY: help run demo test test-more test-newer check fix docs screenshot lock audit sbom clean

help:  ## This list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/runtime  ## Start everything and ask the first question
	@.venv/bin/nightshift run

demo: .venv/runtime  ## What votes buy: people ask and vote, a night learns, held-out questions judge
	@.venv/bin/nightshift simulate --votes 600 --pairs 170 --runs .nightshift/demo

# One more at once than there are cores, but no more than memory has room for: each worker has a PostgreSQL and torch.
test: .venv/dev  ## All tests, which were the slowest, and what of the product they didn't reach
	@rm -rf .coverage*
	env -u PYTHONDONTWRITEBYTECODE LINES_REACHED=$(CURDIR)/.coverage-lines PYTHONPATH=$(CURDIR)/deploy/reached \
		.venv/bin/python -m pytest -n logical --maxprocesses 8 --dist worksteal --durations 25
	@.venv/bin/python -m deploy.show_coverage

# What an operator's own PostgreSQL may differ in, beyond what `make test` tries of it.
MORE := tests/db/answers tests/db/corpus tests/db/feedback tests/db/generations tests/db/nights tests/db/search tests/db/slack \
	tests/db/store/test_migrate.py tests/db/store/test_queue.py tests/db/words

# Files of LibreOffice and pandoc are made and asked for where those are installed (Debian's libreoffice-writer, -calc and
# -impress, and pandoc).
test-more: .venv/dev  ## The database's tests through a pooler, and with pgvector in another schema; files of office programs
	.venv/bin/python -m pytest --programs tests/e2e/test_formats_of_programs.py tests/benchmarks/growth
	.venv/bin/python -m pytest --through schema $(MORE)
	.venv/bin/python -m pytest --through pooler $(MORE)

test-newer: .venv/dev  ## What needs no torch, once more on a newer Python if this machine has one, by one example a test
	deploy/test_newer.sh

check: .venv/dev  ## Lint, types, and documents that are generated
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python -m docs.generate --check

fix: .venv/dev  ## Format, and mend what ruff can mend
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

docs: .venv/dev  ## Write the documents that are generated from code
	.venv/bin/python -m docs.generate

screenshot: .venv/dev  ## Draw the pictures in README and docs/slack.md again; wants Node and Chromium
	.venv/bin/python -m docs.screenshot
	.venv/bin/python -m docs.slack_screenshots

lock: .venv/dev  ## Pin the newest versions of everything again
	$(PIP) install --quiet uv
	.venv/bin/python deploy/lock.py

audit: .venv/dev  ## Ask for known vulnerabilities of everything that is pinned; wants the network
	.venv/bin/python deploy/audit.py

sbom: .venv/dev  ## Write what is installed, with versions and licences, to dist/nightshift.cdx.json (CycloneDX)
	.venv/bin/python deploy/sbom.py dist/nightshift.cdx.json

clean:  ## Remove the virtual environment and caches; your data stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Nightshift needs Python 3.11 or newer; set PYTHON=python3.12, say.")'
	$(PYTHON) -m venv .venv

# Everything is pinned by version and hash, and compiled once: without bytecode each start takes ten seconds longer. torch
# is a step of its own: the build that TORCH names, or else the one without CUDA where pip is told of a place that has it,
# or else the usual one, and then what that needs for CUDA if it is of that kind.
.venv/runtime: .venv/bin/python $(wildcard constraints*.txt) pyproject.toml
	$(INSTALL) --no-deps --require-hashes -r constraints.txt
ifeq ($(strip $(TORCH)),)
	$(INSTALL) --no-deps --require-hashes -r constraints-torch-cpu.txt 2>/dev/null || \
		$(INSTALL) --no-deps --require-hashes -r constraints-torch.txt
	if $(NAMES_CUDA); then $(INSTALL) --no-deps --require-hashes -r constraints-cuda.txt; fi
else
	$(INSTALL) $(TORCH)
endif
	$(INSTALL) --no-deps --no-build-isolation -e .
	$(COMPILE)
	@touch $@

.venv/dev: .venv/runtime constraints-dev.txt
	$(INSTALL) --no-deps --require-hashes -r constraints-dev.txt
	$(COMPILE)
	@touch $@
