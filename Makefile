# Two commands are all a newcomer needs, from a fresh clone:
#   make demo    installs into .venv and runs the whole job on a made-up school
#   make test    installs what the tests need, too, and runs them all
# and three more for whoever changes something:
#   make lint    the part of `make test` that takes seconds
#   make slow    runs the simulations and attacks, which take minutes
#   make bench   times the writer and the reader against other ways of doing it
# Another Python than `python3`: make test PYTHON=python3.12

PYTHON ?= python3
SCHOOL ?= demo-school

export PYTHON
bin := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test slow lint bench installed ready

help:
	@sed -n '/^#   make/s/^#   //p' Makefile

demo: installed
	$(bin)/markbook demo $(SCHOOL)

test: lint ready
	$(bin)/python -m pytest -n 2 --dist loadgroup $(ARGS)

slow: ready
	$(bin)/python -m pytest -n 2 --dist loadgroup -m slow $(ARGS)

lint: dev
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports

bench: dev
	$(bin)/python -m benchmarks $(ARGS)

# Each of these looks at what is there first, and is done at once if it is all there.
installed:
	@bash tests/prepare.sh python

.PHONY: dev
dev:
	@bash tests/prepare.sh python dev

ready: dev
	@bash tests/prepare.sh system
	@bash tests/prepare.sh node
