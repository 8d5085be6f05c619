"""Reads settings from the environment, and says plainly which one is missing or wrong.

A value is never repeated in an error: many of them hold a password.
"""

import os
import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

# What each setting looks like; docs/operations.md says what it is for.
SHAPES = {
    "ALLOWED_HOSTS": "host names parted by commas, such as portal.example,www.portal.example",
    "BASE_URL": "the address of the site without a path, such as https://portal.example",
    "BROKER_URL": "redis://HOST:6379/0, amqp://USER:PASSWORD@HOST:5672// or filesystem://",
    "CACHE_URL": "redis://HOST:6379/1 or locmemcache://",
    "DATABASE_URL": "postgresql://USER:PASSWORD@HOST:5432/NAME or sqlite:////FOLDER/portal.sqlite3, "
    "with special characters percent-encoded",
    "EMAIL_URL": "smtp+tls://USER:PASSWORD@HOST:587, smtp+ssl://USER:PASSWORD@HOST:465 or smtp://HOST:25, "
    "with special characters percent-encoded",
    "MAIL_BOUNCES_TO": "an address, such as returned@portal.example",
    "MAIL_FROM": "an address with or without a name, such as Practice Portal <portal@portal.example>",
    "SECRET_KEY": "at least 50 random characters, kept secret",
    "SECRET_KEY_FALLBACKS": "earlier values of SECRET_KEY, parted by commas",
}


class Environment(environ.Env):
    """The environment's variables, each read once and checked.

    An empty variable counts as one that is not set. Every reading may raise ImproperlyConfigured with
    the variable's name and what it should look like. `read` names those that were asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.read: set[str] = set()

    def raw(self, var: str) -> str:
        """The variable as it stands there."""
        self.read.add(var)
        return os.environ.get(var, "").strip()

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """The variable, cast; unlike django-environ, a value that starts with "$" is taken as it is."""
        raw = self.raw(var)
        if not raw:
            if default is self.NOTSET:
                missing(var)
            return self.parse_value(default, cast) if parse_default else default
        if cast is bool:
            return _yes_or_no(var, raw)
        return read(var, lambda: self.parse_value(raw, cast), _shape_of_cast(cast))

    def number(self, var: str, *, default: int, lowest: int = 0, highest: int = 10**9) -> int:
        """A whole number between two bounds."""
        shape = f"a whole number from {lowest} to {highest}"
        value = read(var, lambda: int(self.raw(var) or default), shape)
        return value if lowest <= value <= highest else malformed(var, shape)

    def choice(self, var: str, *, default: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = str(self.get_value(var, default=default))
        return value if value in choices else malformed(var, f"one of {', '.join(filter(None, choices))}")

    def base_url(self, var: str = "BASE_URL", default: Any = environ.Env.NOTSET) -> str:
        """The site's own address, without a slash at the end."""
        value = str(self.get_value(var, default=default)).rstrip("/")
        parts = read(var, lambda: urlsplit(value))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
            malformed(var)
        read(var, lambda: parts.port)
        return value

    def host_names(self, var: str) -> list[str]:
        """Names of hosts; a lone star would let anybody put their own into our links."""
        names = [name.strip() for name in str(self.get_value(var)).split(",") if name.strip()]
        wrong = not names or any(
            not re.fullmatch(r"\.?[\w-]+(\.[\w-]+)*|\[[\da-fA-F:]+\]", name) for name in names
        )
        return malformed(var) if wrong else names

    def mail_address(self, var: str, default: str) -> str:
        """An address that may have a name before it."""
        value = str(self.get_value(var, default=default))
        _, address = parseaddr(value)
        name, _, domain = address.rpartition("@")
        return value if name and domain else malformed(var)

    def secret(self, var: str) -> str:
        """A secret that nobody can guess."""
        value = str(self.get_value(var))
        return value if len(value) >= 50 else malformed(var)

    def secrets(self, var: str) -> list[str]:
        """Secrets parted by commas; none by default."""
        values = [value.strip() for value in str(self.get_value(var, default="")).split(",")]
        found = [value for value in values if value]
        return found if all(len(value) >= 50 for value in found) else malformed(var)

    def folder(self, var: str, default: Path) -> Path:
        """A folder one can write to; made if it does not exist."""
        path = Path(self.get_value(var, default=str(default))).absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            malformed(var, f"a folder that this user may create and write to ({error.strerror})")
        return path if os.access(path, os.W_OK) else malformed(var, "a folder that this user may write to")

    def database(self, var: str = "DATABASE_URL", *, default: Path) -> dict[str, Any]:
        """Django's settings of the database; by default an SQLite file."""
        # Not by way of a URL: a path with a plus or a per cent sign would come out changed.
        if not self.raw(var):
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
        value = str(self.get_value(var))
        parts = read(var, lambda: urlsplit(value))
        read(var, lambda: parts.port)
        # A fragment is a password with an unencoded "#" in it.
        if (
            parts.scheme not in {"postgres", "postgresql", "sqlite"}
            or not parts.path.strip("/")
            or parts.fragment
        ):
            malformed(var)
        return read(var, lambda: dict(self.db_url_config(value)))

    def cache(self, var: str = "CACHE_URL", *, default: str) -> dict[str, Any]:
        """Django's settings of the cache."""
        value = self.get_value(var, default=default)
        config: dict[str, Any] = read(var, lambda: self.cache_url_config(value))
        read(var, lambda: urlsplit(value).port)
        return config

    def smtp(self, var: str = "EMAIL_URL") -> dict[str, Any]:
        """Django's EMAIL_… settings."""
        value = self.get_value(var)
        config: dict[str, Any] = read(var, lambda: self.email_url_config(value))
        return config if config.get("EMAIL_HOST") else malformed(var)

    def broker(self, var: str = "BROKER_URL", *, default: str) -> str:
        """The address of Celery's broker."""
        value = str(self.get_value(var, default=default))
        parts = read(var, lambda: urlsplit(value))
        read(var, lambda: parts.port)
        if parts.scheme == "filesystem" and not parts.path:
            return "filesystem://localhost/"  # kombu warns of an address without a host, at every connection
        return (
            value
            if parts.scheme in {"redis", "rediss", "amqp", "amqps"} and parts.hostname
            else malformed(var)
        )


def read(var: str, reading: Callable[[], T], shape: str = "") -> T:
    """The result of the reading; any complaint becomes one that names the variable."""
    try:
        return reading()
    except (ValueError, KeyError, TypeError, IndexError, ImproperlyConfigured):
        pass  # Raised outside, so that no traceback shows the value by way of the first error.
    return malformed(var, shape)


def missing(var: str, or_else: str = "") -> NoReturn:
    """Say that a variable is not set, and what else one could do."""
    instead = f", or {or_else}" if or_else else ""
    raise ImproperlyConfigured(f"{var} is not set. Set it to {SHAPES.get(var, 'its value')}{instead}.")


def malformed(var: str, shape: str = "") -> NoReturn:
    """Say that a variable is set to something that cannot be used."""
    raise ImproperlyConfigured(
        f"{var} cannot be used as it is set. It should be {shape or SHAPES.get(var, 'a text')}."
    )


def _yes_or_no(var: str, raw: str) -> bool:
    word = raw.lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    return False if word in {"0", "false", "no", "off"} else malformed(var, "true or false")


def _shape_of_cast(cast: Any) -> str:
    return {int: "a whole number", float: "a number"}.get(cast, "")
