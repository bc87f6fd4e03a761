.DEFAULT_GOAL := help
SHELL := /bin/bash
STAMP := .venv/.ready
BIN := .venv/bin

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  \033[1mmake %-14s\033[0m %s\n", $$1, $$2}'

$(STAMP): requirements.lock deploy/uv.lock deploy/bootstrap.sh pyproject.toml
	@deploy/bootstrap.sh

setup: $(STAMP) ## the virtual environment, from the lock files (every other target does it by itself)

demo: $(STAMP) ## a screenplay through the whole main job, on the embedded stack; result in var/demo
	@$(BIN)/aiuteur demo $(if $(SCRIPT),--script $(SCRIPT))

up: $(STAMP) ## API, workers and embedded stack; Ctrl-C stops all of it
	@$(BIN)/aiuteur up

check: $(STAMP) ## format, lint, types, import contracts, generated files, migrations
	@deploy/check.sh

test: $(STAMP) ## every test, on the real PostgreSQL, NATS and S3
	@$(BIN)/python -m pytest

bench: $(STAMP) ## measures, each against something named; table and var/bench/report.json
	@$(BIN)/python -m tests.bench

requirements: $(STAMP) ## which requirements have a passing test (from the last `make test`)
	@$(BIN)/python deploy/requirements.py

generate: $(STAMP) ## write the generated files again: schema/events, schema.sql, openapi.json
	@$(BIN)/python deploy/generate.py

lock: ## resolve the lock files anew
	@deploy/lock.sh

clean: ## remove what was made (the environment stays)
	@rm -rf var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help setup demo up check test bench requirements generate lock clean
