.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
FEEDS ?= sample
PORT ?= 8080
BIN := .venv/bin
UV_VERSION := 0.13.9

.PHONY: help install run test tests lint bench up down status doctor clean

help: ## What each command does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.locked ## Install the locked environment into .venv

.venv/.locked: uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 13); sys.exit(0 if ok else "Python %d.%d is not supported: name one of 3.11-3.13, for example make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "Installing the locked environment into .venv (about a gigabyte, once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv sync --quiet --locked --active --all-extras --compile-bytecode
	@touch $@

run: install ## Run the main job; FEEDS=live asks the real hosts
	@$(BIN)/exposure run --feeds $(FEEDS)

test: install ## Run the linters and every test
	@$(MAKE) --no-print-directory -j2 lint tests

tests: install
	@$(BIN)/python -m pytest

lint: install ## ruff, mypy and sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project

bench: install ## Measure speed and memory against the peers
	@$(BIN)/python -m bench.quality_at_scale
	@$(BIN)/python -m bench.customs_xml
	@$(BIN)/python -m bench.insurance_csv

up: install ## Start Airflow with its UI on loopback (PORT=8080)
	@$(BIN)/exposure up --port $(PORT)

down: install ## End what up started
	@$(BIN)/exposure down

status: install ## State of feeds and publication
	@$(BIN)/exposure status

doctor: install ## Name what is missing or misconfigured
	@$(BIN)/exposure doctor

clean: ## Remove the environment and caches; data in var/ stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache dbt_project/target dbt_project/logs
