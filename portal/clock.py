"""The clock that starts the jobs of `portal.schedule`."""

import logging
from contextlib import suppress
from typing import Any

from celery.beat import PersistentScheduler

logger = logging.getLogger(__name__)


class Clock(PersistentScheduler):
    """Celery's own, which also starts where it cannot read when it last ran what.

    A machine that loses power leaves half a file. Celery notices some of that and gives up at the rest; no job
    minds being started once more.
    """

    def setup_schedule(self) -> Any:
        try:
            return super().setup_schedule()
        except Exception as error:  # noqa: BLE001 - what half a file raises depends on where it ends
            logger.warning("The clock starts anew: what it noted is damaged (%s).", type(error).__name__)
            # Closed by and by, it would write what it knows over the new one.
            with suppress(Exception):
                self._store.close()  # type: ignore[attr-defined] # as below
            self._remove_db()  # type: ignore[attr-defined] # newer than celery's stubs
            return super().setup_schedule()
