"""The clock, the tasks behind it, the queue of files, and Wagtail's own background work."""

import multiprocessing
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from celery import Celery
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError
from django.db import connection, transaction
from kombu import Connection, Consumer, Producer
from kombu.transport import virtual
from wagtail.tasks import update_reference_index_task

from mailing import broker
from portal import tasks
from portal.celery import app
from portal.exclusive import AlreadyRunningError, exclusively
from portal.filesystem_broker import Transport
from portal.schedule import JOBS, beat_schedule
from portal.settings.broker import QUEUES, TASK_ROUTES, task_queues, transport_options
from portal.tasks import run_command, run_task

# --- The schedule ------------------------------------------------------------------------------------


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.command)
def test_every_job_is_a_command_that_takes_dry_run(job):
    parser = load_command_class(get_commands()[job.command], job.command).create_parser(
        "manage.py", job.command
    )

    assert parser.parse_args(["--dry-run"]).dry_run is True


def test_the_clock_runs_each_job_once_through_the_one_task():
    schedule = beat_schedule()

    assert len(schedule) == len(JOBS)
    assert {entry["task"] for entry in schedule.values()} == {run_command.name}
    assert [entry["kwargs"]["command"] for entry in schedule.values()] == [job.command for job in JOBS]
    assert app.conf.beat_schedule == schedule


def test_a_start_nobody_came_round_to_ends_before_the_next():
    for job in JOBS:
        seconds = job.when.total_seconds() if hasattr(job.when, "total_seconds") else 24 * 3600
        assert job.expires < seconds, job.command


# --- One at a time -----------------------------------------------------------------------------------


def _hold(name: str, line) -> None:
    connection.connect()
    with exclusively(name):
        line.send("held")
        line.poll(20)


@pytest.fixture
def held_elsewhere(transactional_db):
    """Another process that holds a name until it is told to let go, or killed."""
    connection.close()
    context = multiprocessing.get_context("fork")
    line, its_line = context.Pipe()
    process = context.Process(target=_hold, args=("trial", its_line))
    process.start()
    assert line.poll(20)
    assert line.recv() == "held"
    yield process
    with suppress(BrokenPipeError):
        its_line.close()
        line.send("let go")
    process.join()


def test_exclusively_refuses_what_somebody_holds(held_elsewhere):
    with pytest.raises(AlreadyRunningError), exclusively("trial"):
        pytest.fail("Two held it at once.")

    with exclusively("another"):
        pass


def test_exclusively_is_free_again_when_the_holder_is_killed(held_elsewhere):
    os.kill(held_elsewhere.pid, signal.SIGKILL)
    held_elsewhere.join()

    # PostgreSQL notices a moment after the connection breaks.
    for _ in range(100):
        try:
            with exclusively("trial"):
                return
        except AlreadyRunningError:
            held_elsewhere.join(0.1)
    pytest.fail("The name was never free again.")


def test_exclusively_is_free_again_after_an_error(transactional_db):
    with pytest.raises(RuntimeError), exclusively("trial"):
        raise RuntimeError

    with exclusively("trial"):
        pass


# --- Scheduled commands ------------------------------------------------------------------------------


def test_run_command_runs_what_is_in_the_schedule(db, caplog):
    caplog.set_level("INFO", logger="portal.tasks")

    run_command(command="deliver_mail", colour="blue")

    assert [record.getMessage() for record in caplog.records if record.name == "portal.tasks"] == [
        "deliver_mail: 0 sent, 0 put off, 0 failed."
    ]


@pytest.mark.parametrize("command", ["flush", "demo", "shell", ""])
def test_run_command_refuses_any_other(db, command):
    with pytest.raises(ValueError, match="is not in portal"):
        run_command(command=command)


def test_run_command_leaves_out_a_start_while_the_last_run_goes_on(db, monkeypatch):
    runs = []
    monkeypatch.setattr(tasks, "call_command", lambda command, **_: runs.append(command))
    monkeypatch.setattr(tasks, "exclusively", _always_held)

    run_command(command="deliver_mail")

    assert runs == []


def _always_held(name: str):
    raise AlreadyRunningError(name)


def test_run_command_tells_of_a_command_that_fails(db, monkeypatch):
    def fail(command, **_):
        raise CommandError("no")

    monkeypatch.setattr(tasks, "call_command", fail)

    with pytest.raises(CommandError):
        run_command(command="deliver_mail")
    with exclusively("command deliver_mail"):
        pass


# --- Wagtail's own background work -------------------------------------------------------------------


@pytest.fixture
def celery_backend(settings, monkeypatch):
    settings.TASKS = {"default": {"BACKEND": "portal.task_backend.CeleryBackend"}}
    monkeypatch.setattr(broker, "_quiet_until", 0.0)


def test_the_backend_is_ours_outside_of_tests():
    from portal.settings import base

    assert base.TASKS == {"default": {"BACKEND": "portal.task_backend.CeleryBackend"}}


def test_enqueue_hands_the_task_to_a_worker_after_commit(celery_backend, transactional_db, monkeypatch):
    sent = []
    monkeypatch.setattr(run_task, "apply_async", lambda **options: sent.append(options["kwargs"]))

    with transaction.atomic():
        result = update_reference_index_task.enqueue("wagtailcore", "page", pk=1)
        assert sent == []

    assert sent == [
        {
            "path": "wagtail.tasks.update_reference_index_task",
            "args": ["wagtailcore", "page"],
            "kwargs": {"pk": 1},
        }
    ]
    assert (result.status, result.backend) == ("READY", "default")


def test_enqueue_does_nothing_when_its_cause_is_undone(celery_backend, transactional_db, monkeypatch):
    sent = []
    monkeypatch.setattr(run_task, "apply_async", lambda **options: sent.append(options))

    with pytest.raises(RuntimeError), transaction.atomic():
        update_reference_index_task.enqueue("wagtailcore", "page", pk=1)
        raise RuntimeError

    assert sent == []


def test_enqueue_survives_a_dead_broker(celery_backend, transactional_db, monkeypatch, caplog):
    def refuse(**_):
        raise ConnectionRefusedError

    monkeypatch.setattr(run_task, "apply_async", refuse)

    update_reference_index_task.enqueue("wagtailcore", "page", pk=1)

    assert "The broker did not take portal.run_task: ConnectionRefusedError." in caplog.text


def test_run_task_does_wagtails_work(tmp_path):
    (tmp_path / "old.pdf").touch()
    storage = ["django.core.files.storage.FileSystemStorage", [], {"location": str(tmp_path)}]

    run_task(
        path="wagtail.tasks.delete_file_from_storage_task",
        args=[storage, "old.pdf"],
        kwargs={},
        colour="blue",
    )

    assert not (tmp_path / "old.pdf").exists()


@pytest.mark.parametrize("path", ["os.system", "django.core.management.call_command"])
def test_run_task_refuses_anything_that_is_no_task(path):
    with pytest.raises(ValueError, match="is not a task"):
        run_task(path=path, args=["ls"], kwargs={})


# --- The queue of files ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_memory_of_other_folders(monkeypatch):
    """kombu remembers in each process which queues it has entered in a table."""
    monkeypatch.setattr(Transport, "global_state", virtual.BrokerState())


@pytest.fixture
def files(tmp_path):
    """Celery on files, with the settings of the portal."""
    app = Celery("files", set_as_current=False)
    app.conf.update(
        broker_url="filesystem://localhost/",
        broker_transport_options=transport_options("filesystem://localhost/", tmp_path),
        task_queues=task_queues(),
        task_routes=TASK_ROUTES,
        task_default_queue="default",
        task_default_exchange="portal",
        task_default_routing_key="default",
    )
    return app


def queued(folder: Path) -> dict[str, int]:
    """How many messages wait in each queue."""
    names = [path.name.split(".")[1] for path in (folder / "messages").iterdir()]
    return {name: names.count(name) for name in QUEUES}


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("mailing.deliver_letters", "mail"),
        ("portal.run_task", "index"),
        ("search.index_changes", "index"),
        ("portal.run_command", "default"),
    ],
)
def test_each_task_lands_in_its_queue_and_no_other(files, tmp_path, task, queue):
    with files.connection_for_write() as connection_:
        for bound in task_queues():
            bound(connection_.default_channel).declare()

    files.send_task(task)

    assert queued(tmp_path) == {name: int(name == queue) for name in QUEUES}


def test_messages_leave_in_the_order_they_came(files, tmp_path):
    for number in range(20):
        files.send_task("mailing.deliver_letters", kwargs={"letters": [number]})

    with files.connection_for_read() as connection_:
        got = [
            connection_.default_channel.basic_get("mail", no_ack=True).decode()[1]["letters"][0]
            for _ in range(20)
        ]
        assert connection_.default_channel.basic_get("mail", no_ack=True) is None
    assert got == list(range(20))
    assert list((tmp_path / "messages").iterdir()) == []


def _publish(options: dict, number: int) -> None:
    with Connection(transport=Transport, transport_options=options) as link:
        producer = Producer(link.default_channel)
        for position in range(number):
            queue = task_queues()[position % len(QUEUES)]
            producer.publish(
                {"text": "x" * 2000}, exchange=queue.exchange, routing_key=queue.routing_key, declare=[queue]
            )


def test_nothing_is_read_half_written(tmp_path):
    """With kombu's own transport, a reader meets an empty file now and then and stops with an error."""
    options = {**transport_options("filesystem://localhost/", tmp_path), "polling_interval": 0.0001}
    context = multiprocessing.get_context("fork")
    publishers = [context.Process(target=_publish, args=(options, 150)) for _ in range(2)]
    for publisher in publishers:
        publisher.start()
    got = []

    def take(body, message) -> None:
        got.append(len(body["text"]))
        message.ack()

    with Connection(transport=Transport, transport_options=options) as link:
        queues = [queue(link.default_channel) for queue in task_queues()]
        with Consumer(link.default_channel, queues, callbacks=[take]):
            for _ in range(600):
                with suppress(TimeoutError):
                    while len(got) < 300:
                        link.drain_events(timeout=0.1)
                if len(got) == 300 or not any(publisher.is_alive() for publisher in publishers):
                    break
    for publisher in publishers:
        publisher.join()

    assert [publisher.exitcode for publisher in publishers] == [0, 0]
    assert got == [2000] * 300
