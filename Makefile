# `make demo` and `make test` each do all their set-up in a fresh clone (Debian: python3, python3-venv, make).
PYTHON ?= python3
BIN := .venv/bin
SOURCES := bot intake parsers shenbao storage tests bench requirements

.PHONY: demo test check coverage bench measure fuzz torture bundle install install-dev lock docs clean
.DEFAULT_GOAL := demo

demo: .venv/installed
	$(BIN)/shenbao demo

test: .venv/installed-dev
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m cogapp --check README.md docs/operating.md docs/scale.md

coverage: .venv/installed-dev
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

bench: .venv/installed-dev
	$(BIN)/python -m bench $(ARGS)

measure: .venv/installed-dev
	$(BIN)/python -m tests.measure $(ARGS)

fuzz: .venv/installed-dev
	$(BIN)/python -m tests.fuzz $(ARGS)

torture: .venv/installed-dev
	$(BIN)/python -m tests.torture $(ARGS)

docs: .venv/installed-dev
	$(BIN)/python -m cogapp -r README.md docs/operating.md docs/scale.md

# One archive for machines without network; it is proved in a network namespace of its own where that is allowed.
bundle: .venv/installed-dev
	$(BIN)/python requirements/bundle.py $(ARGS)

install: .venv/installed
install-dev: .venv/installed-dev

# uv installs in seconds what takes pip a minute; it is told the index that pip is set to, and pip stands behind it.
# Bytecode is made here, for who may not or does not write it: without it a command starts in three times the time.
define install_from
	index="$$($(BIN)/pip config get global.index-url 2>/dev/null || true)"; \
	UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; [ -z "$$UV_DEFAULT_INDEX" ] || export UV_DEFAULT_INDEX; \
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(1) \
	|| $(BIN)/pip install --quiet --require-hashes -r $(1)
endef

.venv/bin/uv: requirements/uv.txt
	@echo "installing into .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/installed: requirements/run.txt pyproject.toml .venv/bin/uv
	@$(call install_from,requirements/run.txt)
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@$(BIN)/python -m compileall -q bot intake parsers shenbao storage
	@touch $@

.venv/installed-dev: requirements/dev.txt .venv/installed
	@$(call install_from,requirements/dev.txt)
	@touch $@

# Run by whoever changes pyproject.toml: new pins with their hashes, for every platform and without an index address.
lock: .venv/bin/uv
	echo setuptools > .venv/build.in; echo uv > .venv/uv.in
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate .venv/uv.in -o requirements/uv.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra demo pyproject.toml .venv/build.in -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--all-extras pyproject.toml .venv/build.in -c requirements/run.txt -o requirements/dev.txt

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis demo-data artefacts
