# What one does with the portal. Each target sets up what it needs; all are safe to run again.
#
#   make run      set up, load the demo, start everything     HOST=0.0.0.0 PORT=8001 PYTHON=python3.12
#   make test     set up and run every test                    ARGS="-k mailing" REQUIRE_SERVICES=1
#   make check    format, lint, types, imports, migrations, deployment
#   make bench    every benchmark                              ONLY=name LONG=1
#   make lock     choose the newest allowed versions and write the lock files
#   make reset    forget database, mail and uploads (var/)

PYTHON ?= python3
VENV := .venv/bin/python

.PHONY: run test check bench lock reset

run:
	@$(PYTHON) requirements/install.py base
	@$(VENV) manage.py run

test:
	@$(PYTHON) requirements/install.py dev
	@$(VENV) tests/run.py $(ARGS)

check:
	@$(PYTHON) requirements/install.py dev
	$(VENV) -m ruff format --check .
	$(VENV) -m ruff check .
	$(VENV) -m mypy .
	$(VENV) .venv/bin/lint-imports
	find templates -name '*.html' | sort | xargs .venv/bin/djade --check --target-version 5.2
	$(VENV) manage.py makemigrations --check --dry-run
	set -a && . docs/production.env && DJANGO_SETTINGS_MODULE=portal.settings.production $(VENV) manage.py check --deploy --fail-level WARNING
	$(VENV) frontend/check_build.py

bench:
	@$(PYTHON) requirements/install.py dev
	@$(VENV) -m bench

lock:
	@command -v uv >/dev/null || { echo "uv writes the lock files; get it with: pipx install uv"; exit 1; }
	uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml -o requirements/base.txt
	uv pip compile --quiet --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url pyproject.toml --group dev -c requirements/base.txt -o requirements/dev.txt

reset:
	@test ! -d var || flock --nonblock var/run.lock rm -rf var \
		|| { echo "The portal is running from this folder. Stop it first."; exit 1; }
	@echo "var/ is gone. “make run” starts afresh."
