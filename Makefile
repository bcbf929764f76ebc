# Every chore of the project; `make help` lists them. The first use installs what is locked.
PYTHON ?= python3
PY := .venv/bin/python
DEPLOYED := REGULARS_PRODUCTION=1 ALLOWED_HOSTS=club.example PUBLIC_URL=https://club.example \
	DATABASE_OWNER_URL=postgresql://regulars_owner@/regulars \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))')
# Compiled modules are kept, whatever the surroundings say: starting a process takes a third then.
export PYTHONDONTWRITEBYTECODE =
.PHONY: help run test soak check fmt bench docs promises screenshots lock

help: ## show this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1	/p' Makefile

run: .venv/run.stamp ## start everything and serve; ARGS="--port 8080" to differ
	@exec $(PY) manage.py up --leashed $(ARGS)

test: .venv/dev.stamp ## run the tests; ARGS="tests/core -k name" to choose
	$(PY) -m pytest -n auto --dist loadfile $(ARGS)

soak: .venv/dev.stamp ## drive the ledger through 20,000 random lives, which takes hours
	REGULARS_SOAK=1 $(PY) -m pytest --timeout 0 tests/loyalty/test_ledger_machine.py $(ARGS)

check: .venv/dev.stamp ## everything that can be judged without running the product
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports
	find . -path ./.venv -prune -o -path '*/templates/*.html' -print0 | xargs -0 .venv/bin/djade --check
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m tests.requirements
	$(DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) -m tests.promises --check

fmt: .venv/dev.stamp ## put the code into its form
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	find . -path ./.venv -prune -o -path '*/templates/*.html' -print0 | xargs -0 .venv/bin/djade

bench: .venv/dev.stamp ## measure, and print one table; ARGS="--members 20000" for a small size
	$(PY) -m bench.engine
	$(PY) -m bench $(ARGS)

docs: .venv/dev.stamp ## write the OpenAPI document to dist/
	@mkdir -p dist
	$(PY) manage.py spectacular --validate --fail-on-warn --file dist/openapi.yaml

promises: .venv/dev.stamp ## list what is promised and which tests prove it
	$(PY) -m tests.promises

screenshots: .venv/dev.stamp ## draw the pictures in docs/images
	$(PY) -m tests.browser.screenshots

lock: ## resolve the dependencies anew and export them for pip
	uv lock
	uv export -q --frozen --no-emit-project --no-header --all-extras --no-dev -o requirements.txt
	uv export -q --frozen --no-emit-project --no-header --all-extras --all-groups -o requirements-dev.txt

.venv/run.stamp: requirements.txt
	@PYTHON="$(PYTHON)" .ci/install requirements.txt --no-dev --inexact
	@touch $@

.venv/dev.stamp: requirements-dev.txt
	@PYTHON="$(PYTHON)" .ci/install requirements-dev.txt --all-groups
	@touch .venv/run.stamp $@
