"""The part of the benchmarks that runs inside the measured server."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.models import QuerySet


class BenchConfig(AppConfig):
    """The part of the benchmarks that runs inside the measured server."""

    name = "bench"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take the row locks out of the ORM when the negative control asks for it."""
        if settings.BENCH_WITHOUT_LOCK:
            QuerySet.select_for_update = _without_lock  # type: ignore[method-assign] # the point of it


def _without_lock(rows: QuerySet[Any], *_args: object, **_options: object) -> QuerySet[Any]:
    return rows.all()
