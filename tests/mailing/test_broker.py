"""A dead broker costs nobody anything: the row stays, the page answers, the sweep sends."""

import os
import socket
import threading
import time
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from celery import Celery
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from mailing import actions, broker
from mailing.actions import queue_letter
from mailing.models import OutgoingMail
from mailing.tasks import deliver_letters
from portal.settings.broker import TASK_ROUTES, task_queues, transport_options


@pytest.fixture(autouse=True)
def attentive(monkeypatch):
    """No test remembers that another one's broker was dead, or in a rush."""
    monkeypatch.setattr(broker, "_quiet_until", 0.0)
    broker._rushes.clear()


@pytest.fixture
def broker_at(monkeypatch, tmp_path) -> Callable[[str], Celery]:
    """Nudges go to the broker at an address, with the settings a web server would have."""

    def move(url: str) -> Celery:
        app = Celery("elsewhere", set_as_current=False)
        app.conf.update(
            broker_url=url,
            broker_transport_options=transport_options(url, tmp_path),
            broker_connection_timeout=settings.CELERY_BROKER_CONNECTION_TIMEOUT,
            task_queues=task_queues(),
            task_routes=TASK_ROUTES,
        )
        task = app.task(deliver_letters.run, name=deliver_letters.name)
        monkeypatch.setattr(actions, "deliver_letters", task)
        return app

    return move


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def silent_port():
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]


def queue(template: str, key: str = "trial:1") -> None:
    queue_letter(template=template, to="a@force.example", context={}, dedupe_key=key)


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_queue_letter_survives_a_dead_broker(
    transactional_db, letter_template, broker_at, closed_port, caplog, scheme
):
    broker_at(f"{scheme}://127.0.0.1:{closed_port}/")

    started = time.monotonic()
    with transaction.atomic():
        queue(letter_template("Subject: S\n\nText."))
    took = time.monotonic() - started

    assert took < 2  # seconds; a broker that is merely silent takes that long
    assert OutgoingMail.objects.get().state == OutgoingMail.State.QUEUED
    assert [record.getMessage() for record in caplog.records if record.name == "mailing.broker"] == [
        "The broker did not take mailing.deliver_letters: OperationalError."
    ]

    call_command("deliver_mail")

    assert OutgoingMail.objects.get().state == OutgoingMail.State.SENT
    assert len(mail.outbox) == 1


def test_page_answers_and_its_letter_follows_when_the_broker_is_dead(
    transactional_db, site_tree, client, member, broker_at, closed_port
):
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    broker_at(f"redis://127.0.0.1:{closed_port}/")

    answer = client.post("/account/login/code/", {"email": member.email})

    assert answer.status_code == 302
    assert mail.outbox == []
    call_command("deliver_mail")
    [letter] = mail.outbox
    assert letter.to == [member.email]


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_queue_letter_waits_only_once_for_a_silent_broker(
    transactional_db, letter_template, broker_at, silent_port, scheme
):
    broker_at(f"{scheme}://127.0.0.1:{silent_port}/")
    template = letter_template("Subject: S\n\nText.")

    started = time.monotonic()
    with transaction.atomic():
        for number in range(20):
            queue(template, key=str(number))
    took = time.monotonic() - started

    assert took < 5
    assert OutgoingMail.objects.filter(state=OutgoingMail.State.QUEUED).count() == 20


def test_nudge_tries_the_broker_again_after_a_while(transactional_db, monkeypatch, make_letter):
    monkeypatch.setattr(broker, "_quiet_until", time.monotonic() + 1000)
    letter = make_letter(next_attempt_at=timezone.now())
    broker.nudge(deliver_letters, letters=[letter.pk])
    assert mail.outbox == []

    monkeypatch.setattr(broker, "_quiet_until", time.monotonic() - 1)
    broker.nudge(deliver_letters, letters=[letter.pk])
    assert len(mail.outbox) == 1


def test_nudge_says_nothing_when_its_cause_is_undone(transactional_db, make_letter):
    letter = make_letter()

    with pytest.raises(RuntimeError), transaction.atomic():
        broker.nudge(deliver_letters, letters=[letter.pk])
        raise RuntimeError

    assert mail.outbox == []


@pytest.mark.redis
def test_queue_letter_tells_a_worker_through_redis(transactional_db, letter_template, broker_at):
    app = broker_at(os.environ["REDIS_URL"])
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge("mail")

    queue(letter_template("Subject: S\n\nText."))

    with app.connection_for_read() as connection:
        message = connection.default_channel.basic_get("mail", no_ack=True)
    args, kwargs, _ = message.decode()
    assert (args, kwargs) == ([], {"letters": [OutgoingMail.objects.get().pk]})


def test_queue_letter_tells_a_worker_through_files(transactional_db, letter_template, broker_at):
    app = broker_at("filesystem://localhost/")

    queue(letter_template("Subject: S\n\nText."))

    with app.connection_for_read() as connection:
        message = connection.default_channel.basic_get("mail", no_ack=True)
    args, kwargs, _ = message.decode()
    assert (args, kwargs) == ([], {"letters": [OutgoingMail.objects.get().pk]})


def test_queue_letter_tells_of_all_letters_of_a_transaction_at_once(
    transactional_db, letter_template, monkeypatch
):
    told = []
    monkeypatch.setattr(broker, "_publish", lambda task, kwargs: told.append(kwargs))
    template = letter_template("Subject: S\n\nText.")

    with transaction.atomic():
        queue(template, key="1")
        queue(template, key="2")
        with pytest.raises(RuntimeError), transaction.atomic():
            queue(template, key="undone")
            raise RuntimeError
        queue(template, key="3")

    keys = list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))
    assert [pk for kwargs in told for pk in kwargs["letters"]] == keys
    assert len(told) == 1


def test_queue_letter_tells_of_letters_in_a_rush_at_once(
    transactional_db, letter_template, monkeypatch, settings
):
    settings.BROKER_GATHER_SECONDS = 0.3
    told, moments = [], []
    monkeypatch.setattr(
        broker,
        "_publish",
        lambda task, kwargs: (told.append(kwargs["letters"]), moments.append(time.monotonic())),
    )
    template = letter_template("Subject: S\n\nText.")

    for number in range(4):
        queue(template, key=f"{number}")
    waited_for = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for thread in waited_for:
        thread.join(timeout=5)

    first, *others = OutgoingMail.objects.order_by("pk").values_list("pk", flat=True)
    assert told == [[first], others]
    assert moments[1] - moments[0] >= 0.3
    assert len(waited_for) == 1


def test_forget_rushes_lets_a_new_process_tell_of_its_own_letters(
    transactional_db, letter_template, monkeypatch, settings
):
    settings.BROKER_GATHER_SECONDS = 3600
    told = []
    monkeypatch.setattr(broker, "_publish", lambda task, kwargs: told.append(kwargs["letters"]))
    template = letter_template("Subject: S\n\nText.")
    queue(template, key="before")

    broker._forget_rushes()
    queue(template, key="after")

    keys = list(OutgoingMail.objects.order_by("pk").values_list("pk", flat=True))
    assert told == [[key] for key in keys]
