"""A setting that is misspelt, or that counts for nothing, is said at the start."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal import checks
from portal.settings.environment import Environment
from portal.settings.variables import KNOWN, Unread, nearest, unread
from tests.portal.test_environment import sample_environment

ROOT = Path(__file__).resolve().parents[2]
# Of programs that stand beside the portal, or run it.
OTHERS = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "CI",
    "CELERY_LOG_LEVEL",
    "CURL_CA_BUNDLE",
    "DATABASE_PUBLIC_URL",
    "DISPLAY",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "DJANGO_COLORS",
    "DJANGO_SUPERUSER_EMAIL",
    "DJANGO_SUPERUSER_PASSWORD",
    "DJANGO_TEST_PROCESSES",
    "EDITOR",
    "EMAIL",
    "EVAL_DATA",
    "GIT_AUTHOR_EMAIL",
    "GUNICORN_CMD_ARGS",
    "HOME",
    "HOST",
    "HOSTNAME",
    "HOSTTYPE",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "LONG",
    "MAIL",
    "MAILCHECK",
    "MAILPATH",
    "MAILTO",
    "ONLY",
    "PATH",
    "PGDATABASE",
    "PGHOST",
    "PORT",
    "POSTGRES_URL",
    "PS1",
    "PWD",
    "PYTHONPATH",
    "REDIS_URL",
    "REQUIRE_SERVICES",
    "SENTRY_DSN",
    "SHELL",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SSL_CLIENT_VERIFY",
    "TEST_DATABASE_URL",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "VIRTUAL_ENV",
    "WEB_CONCURRENCY",
    "http_proxy",
    "no_proxy",
]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DJANGO_EMAIL_URLL", "EMAIL_URL"),
        ("DJANGO_EMAIL_URL", "EMAIL_URL"),
        ("PORTAL_BASE_URL", "BASE_URL"),
        ("DJANGO_SECRET_KEY", "SECRET_KEY"),
        ("DJANGO_ERROR_PAGE", "DJANGO_ERROR_PAGES"),
        ("EMAIL_ULR", "EMAIL_URL"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("BASEURL", "BASE_URL"),
        ("MAIL-FROM", "MAIL_FROM"),
        ("mail_from", "MAIL_FROM"),
        ("S3_BUKET", "S3_BUCKET"),
        ("OIDC_CLIENT_SECRT", "OIDC_CLIENT_SECRET"),
        ("TRUSTED_PROXIES_COUNT", "TRUSTED_PROXY_COUNT"),
        ("SECRET_KEY_FALLBACK", "SECRET_KEY_FALLBACKS"),
        ("POSTMARK_SERVERTOKEN", "POSTMARK_SERVER_TOKEN"),
    ],
)
def test_a_misspelt_name_is_said_with_the_one_that_is_meant(name, meant):
    assert list(unread({name: "x"}, set())) == [Unread(name, meant)]


@pytest.mark.parametrize("name", ["EMAIL_HOST", "MAIL_SERVER", "OIDC_SCOPES", "DJANGO_DEBUG"])
def test_a_name_that_can_only_be_ours_is_said_although_none_is_near(name):
    assert list(unread({name: "x"}, set())) == [Unread(name)]


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_other_programs_are_no_business_of_ours(name):
    assert list(unread({name: "x"}, set())) == []


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_name_that_is_right_is_near_to_itself_alone(name):
    assert nearest(name) == name


def test_what_is_set_and_not_read_is_said():
    environment = {"EMAIL_URL": "smtp://mail.example", "MAIL_FROM": "a@b.example", "S3_BUCKET": " "}

    assert list(unread(environment, {"MAIL_FROM"})) == [Unread("EMAIL_URL", is_known=True)]


def test_environment_knows_what_was_read(monkeypatch):
    env = Environment()
    env.number("MAIL_PER_MINUTE", default=0)
    env.str("S3_BUCKET", default="")
    env.database(default=Path("unused"))
    env.bool("SSL_REDIRECT", default=True)

    assert env.read == {"DATABASE_URL", "MAIL_PER_MINUTE", "S3_BUCKET", "SSL_REDIRECT"}


def test_check_environment_says_both(monkeypatch):
    monkeypatch.setattr(os, "environ", {"EMAIL_ULR": "x", "EMAIL_URL": "smtp://mail.example"})
    monkeypatch.setattr(checks.env, "read", set())

    assert [(found.id, found.msg, found.hint) for found in checks.check_environment()] == [
        ("portal.W004", "EMAIL_ULR is set, but the portal has no such setting.", "Is EMAIL_URL meant?"),
        (
            "portal.W005",
            "EMAIL_URL is set, but nothing reads it with the settings in use.",
            "docs/operations.md says when it counts.",
        ),
    ]


def test_every_name_that_the_settings_ask_for_is_known():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "portal" / "settings").glob("*.py")]
    asked = {name for source in sources for name in re.findall(r"\benv\.\w+\(\s*\"([A-Z0-9_]+)\"", source)}

    assert len(asked) > 20
    assert asked - {"CELERY_TASK_ALWAYS_EAGER"} - KNOWN == set()  # that one is for tests


def test_known_names_are_those_that_the_documentation_lists():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    tables = text.partition("## Settings")[2].partition("## Deploying")[0]
    rows = [line.strip("|").split("|") for line in tables.splitlines() if line.startswith("| `")]
    documented = {
        name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", " ".join(row))
    }

    assert documented == KNOWN


def start(tmp_path: Path, code: str, **changes: str) -> str:
    """What a process with the sample environment and some changes writes to standard error."""
    environment = {"PATH": os.environ["PATH"], **sample_environment(), "VAR_DIR": str(tmp_path), **changes}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stderr


def test_the_web_server_says_it_when_it_starts(tmp_path):
    (tmp_path / "static").mkdir()
    assert start(tmp_path, "import portal.wsgi") == ""

    said = start(tmp_path, "import portal.wsgi", MAIL_PER_MINUT="100", OIDC_NAME="", BREVO_API_KEY="hush")

    unused = "portal.wsgi: BREVO_API_KEY is set, but nothing reads it with the settings in use."
    assert [line.partition("WARNING ")[2] for line in said.splitlines()] == [
        f"{unused} docs/operations.md says when it counts.",
        "portal.wsgi: MAIL_PER_MINUT is set, but the portal has no such setting. Is MAIL_PER_MINUTE meant?",
    ]
    assert "hush" not in said


def test_development_settings_say_that_they_send_no_mail(tmp_path):
    said = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "EMAIL_URL": "smtp://mail.example"},
    ).stderr  # fmt: skip

    assert "(portal.W005) EMAIL_URL is set, but nothing reads it with the settings in use." in said
