# Two commands are all you need: `make run` and `make test`.
PYTHON ?= python3
# On Linux the plain package brings CUDA; see README for a CPU-only or another GPU build.
TORCH ?= torch==2.13.0
PIP := .venv/bin/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-compile

.PHONY: help run demo test check fix docs screenshot lock clean

help:  ## This list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: .venv/runtime  ## Start everything and ask the first question
	@.venv/bin/nightshift run

demo: .venv/runtime  ## What votes buy: people ask and vote, a night learns, held-out questions judge
	@.venv/bin/nightshift simulate --votes 600 --pairs 170 --runs .nightshift/demo

test: .venv/dev  ## All tests
	.venv/bin/python -m pytest

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

clean:  ## Remove the virtual environment and caches; your data stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Nightshift needs Python 3.11 or newer; set PYTHON=python3.12, say.")'
	$(PYTHON) -m venv .venv

# Everything but torch is pinned by version and hash; torch is a step of its own, so that you choose its build.
.venv/runtime: .venv/bin/python constraints.txt pyproject.toml
	$(INSTALL) --no-deps --require-hashes -r constraints.txt
	$(INSTALL) '$(TORCH)'
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: .venv/runtime constraints-dev.txt
	$(INSTALL) --no-deps --require-hashes -r constraints-dev.txt
	@touch $@
