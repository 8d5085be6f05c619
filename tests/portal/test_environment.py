"""Each setting that is missing or malformed is named, with what it should look like, and never repeated."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings.environment import Environment
from portal.settings.mail import PROVIDERS, mail_settings
from portal.settings.storage import file_storage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def env() -> Environment:
    return Environment()


READINGS = {
    "text": lambda env, var: env.str(var),
    "whole": lambda env, var: env.int(var),
    "switch": lambda env, var: env.bool(var),
    "number": lambda env, var: env.number(var, default=5, lowest=1, highest=65535),
    "choice": lambda env, var: env.choice(var, default="red", choices=("red", "blue")),
    "secret": lambda env, var: env.secret(var),
    "hosts": lambda env, var: env.host_names(var),
    "address": lambda env, var: env.base_url(var),
    "mail address": lambda env, var: env.mail_address(var, default="a@portal.example"),
    "database": lambda env, var: env.database(var, default=Path("default.sqlite3")),
    "cache": lambda env, var: env.cache(var, default="locmemcache://"),
    "broker": lambda env, var: env.broker(var, default="filesystem://"),
    "smtp": lambda env, var: env.smtp(var),
}


@pytest.mark.parametrize(
    ("reading", "value", "result"),
    [
        ("text", "$ecret", "$ecret"),
        ("text", " spaced ", "spaced"),
        ("whole", "12", 12),
        ("switch", "true", True),
        ("switch", "ON", True),
        ("switch", "0", False),
        ("number", "", 5),
        ("number", "65535", 65535),
        ("choice", "", "red"),
        ("choice", "blue", "blue"),
        ("secret", "s" * 50, "s" * 50),
        ("hosts", "portal.example, .portal.example,10.0.0.1,[::1]", ["portal.example", ".portal.example", "10.0.0.1", "[::1]"]),
        ("address", "https://portal.example/", "https://portal.example"),
        ("address", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("mail address", "", "a@portal.example"),
        ("mail address", "Portal <b@portal.example>", "Portal <b@portal.example>"),
        ("broker", "", "filesystem://localhost/"),
        ("broker", "filesystem://", "filesystem://localhost/"),
        ("broker", "redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("broker", "amqp://u:p@host:5672//", "amqp://u:p@host:5672//"),
    ],
)  # fmt: skip
def test_reading_gives_the_value(env, monkeypatch, reading, value, result):
    monkeypatch.setenv("TRIAL", value)

    assert READINGS[reading](env, "TRIAL") == result


@pytest.mark.parametrize(
    ("reading", "value"),
    [
        ("whole", "hush12"),
        ("switch", "hush"),
        ("number", "hush"),
        ("number", "0"),
        ("number", "65536"),
        ("choice", "hush"),
        ("secret", "hush"),
        ("hosts", "*"),
        ("hosts", "https://hush.example"),
        ("hosts", ","),
        ("address", "hush.example"),
        ("address", "https://hush.example/path"),
        ("address", "https://hush.example:port"),
        ("address", "ftp://hush.example"),
        ("mail address", "hush"),
        ("mail address", "Portal <hush>"),
        ("database", "hush"),
        ("database", "mysql://u:hush@host/name"),
        ("database", "postgresql://u:hush@host:port/name"),
        ("database", "postgresql://u:hu#sh@host/name"),
        ("database", "postgresql://u:hush@host"),
        ("cache", "hush"),
        ("cache", "redis://hush:port/1"),
        ("cache", "hush://host"),
        ("broker", "hush"),
        ("broker", "http://hush:6379"),
        ("broker", "redis://:hush"),
        ("broker", "redis://hush:port/0"),
        ("broker", "filesystem:///hush"),
        ("smtp", "hush"),
        ("smtp", "http://u:hush@host:25"),
        ("smtp", "smtp://u:hush@host:port"),
        ("smtp", "smtp://"),
    ],
)
def test_reading_names_what_is_malformed(env, monkeypatch, reading, value):
    monkeypatch.setenv("TRIAL", value)

    with pytest.raises(
        ImproperlyConfigured, match=r"^TRIAL cannot be used as it is set\. It should be .+\.$"
    ) as raised:
        READINGS[reading](env, "TRIAL")

    assert "hush" not in str(raised.value)
    assert raised.value.__context__ is None


@pytest.mark.parametrize("reading", ["text", "whole", "switch", "secret", "hosts", "address", "smtp"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_reading_names_what_is_missing(env, monkeypatch, reading, value):
    monkeypatch.delenv("TRIAL", raising=False)
    if value is not None:
        monkeypatch.setenv("TRIAL", value)

    with pytest.raises(ImproperlyConfigured, match=r"^TRIAL is not set\."):
        READINGS[reading](env, "TRIAL")


@pytest.mark.parametrize(
    ("value", "config"),
    [
        ("", {"ENGINE": "django.db.backends.sqlite3", "NAME": "/tree+50%20/portal.sqlite3"}),
        (
            "sqlite:////srv/portal.sqlite3",
            {"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/portal.sqlite3"},
        ),
        (
            "postgresql://portal:a%2Fb@db.example:5433/portal",
            {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "portal",
                "USER": "portal",
                "PASSWORD": "a/b",
                "HOST": "db.example",
                "PORT": 5433,
            },
        ),
    ],
)
def test_database_reads_its_address(env, monkeypatch, value, config):
    monkeypatch.setenv("DATABASE_URL", value)

    read = env.database(default=Path("/tree+50%20/portal.sqlite3"))

    assert {key: read[key] for key in config} == config


def test_folder_is_made(env, monkeypatch, tmp_path):
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "a b" / "var"))

    assert env.folder("VAR_DIR", default=Path("unused")).is_dir()


def test_folder_names_itself_when_it_cannot_be_made(env, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file" / "var"))

    with pytest.raises(ImproperlyConfigured, match=r"^VAR_DIR cannot be used as it is set"):
        env.folder("VAR_DIR", default=Path("unused"))


def test_mail_settings_lead_to_a_mail_server(env, monkeypatch):
    monkeypatch.delenv("MAIL_PROVIDER", raising=False)
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://portal:a%40b@mail.example:587")

    settings = mail_settings(env)

    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]) == (
        "mail.example",
        587,
        True,
    )
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("portal", "a@b")


def test_mail_settings_name_what_is_missing(env, monkeypatch):
    monkeypatch.delenv("EMAIL_URL", raising=False)

    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_URL is not set\..*MAIL_PROVIDER\.$"):
        mail_settings(env)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_mail_settings_lead_to_a_provider_that_works(env, monkeypatch, settings, provider):
    monkeypatch.setenv("MAIL_PROVIDER", provider)
    for key in PROVIDERS[provider]:
        monkeypatch.setenv(key, "made-up")
    from django.core.mail import get_connection

    read = mail_settings(env)
    settings.ANYMAIL = read["ANYMAIL"]

    # Anymail complains here if a setting it needs is not there.
    assert get_connection(read["EMAIL_BACKEND"]).esp_name.lower().replace(" ", "_") == provider


@pytest.mark.parametrize("key", sorted({key for keys in PROVIDERS.values() for key in keys}))
def test_mail_settings_name_a_key_that_is_missing(env, monkeypatch, key):
    provider = next(name for name, keys in PROVIDERS.items() if key in keys)
    monkeypatch.setenv("MAIL_PROVIDER", provider)
    for other in PROVIDERS[provider]:
        monkeypatch.setenv(other, "" if other == key else "made-up")

    with pytest.raises(ImproperlyConfigured, match=rf"^{key} is not set"):
        mail_settings(env)


def test_file_storage_is_a_folder_by_default(env, monkeypatch):
    monkeypatch.delenv("S3_BUCKET", raising=False)

    assert file_storage(env) == {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def test_file_storage_is_a_bucket_when_one_is_named(env, monkeypatch):
    from django.core.files.storage import StorageHandler

    for name, value in {
        "S3_BUCKET": "portal", "S3_ENDPOINT_URL": "https://s3.example", "S3_REGION": "eu-west-2",
        "S3_ACCESS_KEY_ID": "made-up", "S3_SECRET_ACCESS_KEY": "made-up",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)

    storage = StorageHandler({"default": file_storage(env)})["default"]

    assert storage.url("a b.pdf").startswith("https://s3.example/portal/a%20b.pdf?X-Amz-")


def test_file_storage_names_the_key_that_is_missing(env, monkeypatch):
    monkeypatch.setenv("S3_BUCKET", "portal")
    monkeypatch.setenv("S3_ACCESS_KEY_ID", "made-up")
    monkeypatch.delenv("S3_SECRET_ACCESS_KEY", raising=False)

    with pytest.raises(ImproperlyConfigured, match=r"^S3_SECRET_ACCESS_KEY is not set"):
        file_storage(env)


def sample_environment() -> dict[str, str]:
    """docs/production.env, as a shell reads it."""
    lines = (ROOT / "docs" / "production.env").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {name: value.strip("'") for name, value in pairs}


def start(tmp_path, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the production settings in a process of their own."""
    environment = {"PATH": os.environ["PATH"], **sample_environment(), "VAR_DIR": str(tmp_path), **changes}
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); from django.conf import settings as s; print(s.BASE_URL)"],
        cwd=ROOT, env={name: value for name, value in environment.items() if value is not None},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_production_starts_with_the_sample_environment(tmp_path):
    started = start(tmp_path)

    assert (started.returncode, started.stdout) == (0, "https://portal.example\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", "short"),
        ("ALLOWED_HOSTS", None),
        ("ALLOWED_HOSTS", "*"),
        ("BASE_URL", None),
        ("BASE_URL", "http://portal.example"),
        ("EMAIL_URL", None),
        ("EMAIL_URL", "mail.example"),
        ("DATABASE_URL", "postgres"),
        ("BROKER_URL", "redis"),
        ("CACHE_URL", "redis"),
        ("MAIL_FROM", "portal"),
        ("TRUSTED_PROXY_COUNT", "one"),
        ("HSTS_SECONDS", "a year"),
        ("SSL_REDIRECT", "maybe"),
        ("LOG_LEVEL", "LOUD"),
        ("MAIL_PROVIDER", "pigeon"),
        ("MAIL_BODY_DAYS", "0"),
        ("DATABASE_CONN_MAX_AGE", "long"),
        ("VAR_DIR", "/proc/var"),
    ],
)
def test_production_names_what_is_wrong(tmp_path, name, value):
    started = start(tmp_path, **{name: value})

    last = started.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {name} ")
    assert ("is not set" in last) is (value is None)


@pytest.mark.parametrize(
    ("name", "value", "shape"),
    [
        ("MAIL_BOUNCES_TO", "returned", "an address, such as returned@portal.example."),
        ("MAIL_PROVIDER", "pigeon", "one of amazon_ses, "),
    ],
)
def test_production_says_what_a_setting_should_be(tmp_path, name, value, shape):
    started = start(tmp_path, **{name: value})

    last = started.stderr.strip().splitlines()[-1]
    before = f"django.core.exceptions.ImproperlyConfigured: {name} cannot be used as it is set. It should be "
    assert last.startswith(before + shape)


def test_manage_says_what_is_wrong_in_one_line(tmp_path):
    said = subprocess.run(
        [sys.executable, "manage.py", "check"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "VAR_DIR": str(tmp_path), "BASE_URL": "nonsense"},
    )

    [line] = said.stderr.splitlines()
    assert (said.returncode, line.split()[0]) == (1, "BASE_URL")
