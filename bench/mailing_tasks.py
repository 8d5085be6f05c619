"""The peer of `mailing.deliver`: one Celery task and one connection for each letter, as most portals send."""

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from bench import mailing_letters as letters


@shared_task(name="bench.send_one", ignore_result=True)
def send_one(*, number: int) -> None:
    """Build one letter, send it over a connection of its own, and write down that it left."""
    subject, text, html = letters.words(number)
    message = EmailMultiAlternatives(subject, text, settings.DEFAULT_FROM_EMAIL, [letters.address_of(number)])
    message.attach_alternative(html, "text/html")
    message.send()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_bare SET sent_at = now() WHERE id = %s", [number])
