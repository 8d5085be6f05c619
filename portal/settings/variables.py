"""Which environment variables the portal reads, and which of those that are set it does not.

A misspelt setting looks like one that was never set: nothing fails until somebody misses what it does.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from portal.settings.mail import API_URLS, PROVIDERS

# docs/operations.md says what each is for; a test holds the two together.
KNOWN = frozenset(
    {
        "ALLOWED_HOSTS",
        "BASE_URL",
        "BROKER_URL",
        "CACHE_URL",
        "DATABASE_CONN_MAX_AGE",
        "DATABASE_URL",
        "DJANGO_ERROR_PAGES",
        "DJANGO_SETTINGS_MODULE",
        "EMAIL_URL",
        "HSTS_SECONDS",
        "HSTS_SUBDOMAINS",
        "LOG_LEVEL",
        "MAIL_BODY_DAYS",
        "MAIL_BOUNCES_MAILBOX",
        "MAIL_BOUNCES_TO",
        "MAIL_FROM",
        "MAIL_PER_DOMAIN_PER_MINUTE",
        "MAIL_PER_MINUTE",
        "MAIL_PROVIDER",
        "MAIL_WEBHOOK_SECRET",
        "MATERIAL_MAX_MB",
        "MEMBERS_IMPORT_MAX_MEGABYTES",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_NAME",
        "OIDC_SERVER_URL",
        "S3_ACCESS_KEY_ID",
        "S3_BUCKET",
        "S3_ENDPOINT_URL",
        "S3_REGION",
        "S3_SECRET_ACCESS_KEY",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "SSL_REDIRECT",
        "TRUSTED_PROXY_COUNT",
        "VAR_DIR",
        *API_URLS,
        *(key for keys in PROVIDERS.values() for key in keys),
    }
)
# Read by manage.py itself, and short names that other programs set too.
NOT_OF_THE_SETTINGS = {"DJANGO_SETTINGS_MODULE"}
# What begins like this is meant for us. Other beginnings of ours are shared with other programs.
OURS = (
    "DJANGO_",
    "EMAIL_",
    "HSTS_",
    "MAIL_",
    "MATERIAL_",
    "MEMBERS_",
    "OIDC_",
    "SECRET_KEY_",
    "TRUSTED_PROXY_",
)
DJANGOS_OWN = (
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "DJANGO_AUTO_COMPLETE",
    "DJANGO_COLORS",
    "DJANGO_RUNSERVER_HIDE_WARNING",
    "DJANGO_SUPERUSER_",
    "DJANGO_TEST_PROCESSES",
    "DJANGO_WATCHMAN_TIMEOUT",
)
# Beginnings that people put before a name out of habit.
HABITS = ("DJANGO_", "PORTAL_")
CLOSE = 0.85


@dataclass(frozen=True)
class Unread:
    """A variable that is set and does nothing."""

    name: str
    meant: str = ""
    is_known: bool = False

    @property
    def words(self) -> str:
        if self.is_known:
            return f"{self.name} is set, but nothing reads it with the settings in use."
        return f"{self.name} is set, but the portal has no such setting."

    @property
    def hint(self) -> str:
        if self.is_known:
            return "docs/operations.md says when it counts."
        return f"Is {self.meant} meant?" if self.meant else "docs/operations.md lists them all."


def unread(environment: Mapping[str, str], read: Collection[str]) -> Iterator[Unread]:
    """What is set in the environment and does nothing, by name. `read` is what the settings have read."""
    for name in sorted(environment):
        if not environment[name].strip() or name in NOT_OF_THE_SETTINGS:
            continue
        if name in KNOWN:
            if name not in read:
                yield Unread(name, is_known=True)
        elif not name.startswith(DJANGOS_OWN):
            meant = nearest(name)
            if meant or name.startswith(OURS):
                yield Unread(name, meant)


def nearest(name: str) -> str:
    """The setting that a name is meant for, if it is near enough to one; otherwise nothing."""
    wanted = name.upper()
    for habit in HABITS:
        if wanted.removeprefix(habit) in KNOWN:
            return wanted.removeprefix(habit)
    for candidate in (wanted, *(wanted.removeprefix(habit) for habit in HABITS)):
        # AWS_SECRET_ACCESS_KEY is a name of its own, and no slip of the fingers.
        alike = [known for known in KNOWN if known[0] == candidate[:1]]
        if found := difflib.get_close_matches(candidate, alike, n=1, cutoff=CLOSE):
            return found[0]
    return ""
