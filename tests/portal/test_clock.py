"""The clock starts, whatever became of the file in which it notes its last runs."""

from pathlib import Path

import pytest
from celery import Celery

from portal.clock import Clock


@pytest.fixture
def start(tmp_path):
    """Start the clock of a schedule with one job, and stop it again; the task of that job."""

    def make() -> str | None:
        app = Celery("trial", set_as_current=False)
        app.conf.beat_schedule = {"each hour": {"task": "trial.job", "schedule": 3600.0}}
        clock = Clock(app, schedule_filename=str(tmp_path / "clock"))
        task = clock.schedule["each hour"].task
        clock.close()
        return task

    return make


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.startswith("clock"))


@pytest.mark.parametrize("left", [b"", b"\x80", b"not a table"])
def test_start_begins_anew_where_the_file_is_damaged(start, tmp_path, left):
    start()
    for path in files_in(tmp_path):
        if path.suffix != ".dir":
            path.write_bytes(left)

    assert start() == "trial.job"
    assert start() == "trial.job"
