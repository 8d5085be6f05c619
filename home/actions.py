"""What happens to the digest and to the first texts of the site."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from wagtail.models import Page, Site

from home import first_content, mail
from home.models import Digest, HomePage, StandardPage
from home.news import News, published_between
from home.standing_texts import SLUGS, Particulars, standing_text
from mailing.suppression import addresses_that_stopped
from members.models import User
from pages.models import SiteSettings

A_WEEK = timedelta(days=7)
# One transaction each: small enough to let other writers in between on SQLite.
MEMBERS_AT_A_TIME = 500


@dataclass(frozen=True)
class DigestReport:
    """What a run did, or would do: the week, what was new and how many letters were written."""

    week: str
    news: News
    letters: int
    was_done_before: bool = False


def send_digest(*, now: datetime, is_dry_run: bool = False) -> DigestReport:
    """Write the digest of this week to every member who wants it, if there is anything new.

    It covers the time since the last digest. A run that broke off is taken up again: the span is fixed
    by the first run of the week and a member gets one letter a week. The letter names only what
    everybody may read, because it travels further than a page.
    """
    digest = _digest_of_the_week(now, is_dry_run=is_dry_run)
    news = published_between(digest.since, digest.until, AnonymousUser(), now)
    if digest.finished_at:
        return DigestReport(digest.week, news, 0, was_done_before=True)
    letters = 0
    if news:
        for members in _readers():
            letters += len(members)
            if not is_dry_run:
                _write(digest, news, members)
    if not is_dry_run:
        Digest.objects.filter(pk=digest.pk).update(finished_at=now)
    return DigestReport(digest.week, news, letters)


def _digest_of_the_week(now: datetime, *, is_dry_run: bool) -> Digest:
    year, week, _day = timezone.localtime(now).isocalendar()
    name = f"{year}-W{week:02}"
    found = Digest.objects.filter(week=name).first()
    if found:
        return found
    last = Digest.objects.order_by("until").last()
    digest = Digest(week=name, since=last.until if last else now - A_WEEK, until=now)
    if not is_dry_run:
        digest.save()
    return digest


def _readers() -> Iterator[list[User]]:
    """Every approved member who wants the digest, some at a time, without holding all in memory."""
    last = 0
    readers = User.objects.approved().exclude(email__in=addresses_that_stopped(mail.DIGEST)).order_by("pk")
    while members := list(readers.filter(pk__gt=last)[:MEMBERS_AT_A_TIME]):
        yield members
        last = members[-1].pk


@transaction.atomic
def _write(digest: Digest, news: News, members: list[User]) -> None:
    for member in members:
        mail.digest(digest=digest, news=news, member=member)


@transaction.atomic
def fill_standing_pages(*, run_by: str, contact: str) -> list[str]:
    """Give a first text to every standing page that has none, to the front page and to the contact address.

    What an editor wrote stays, also what is written and not published yet. Return the titles of what
    was filled, in the order of the tree.
    """
    home = HomePage.objects.first()
    if home is None:
        return []
    pages = dict(Page.objects.child_of(home).live().values_list("slug", "pk"))
    filled = _fill_front_page(home, pages)
    particulars = Particulars(run_by=run_by, contact=contact, mail_body_days=settings.MAIL_BODY_DAYS)
    for page in StandardPage.objects.child_of(home).filter(slug__in=SLUGS).order_by("path"):
        draft = page.get_latest_revision_as_object()
        if not page.body and not draft.body:
            draft.body = json.dumps(standing_text(page.slug, particulars))
            draft.save_revision().publish()
            filled.append(page.title)
    return filled + _fill_contact(contact)


def _fill_front_page(home: HomePage, pages: dict[str, int]) -> list[str]:
    draft = home.get_latest_revision_as_object()
    if home.doors or home.promises or draft.doors or draft.promises:
        return []
    draft.doors = json.dumps(first_content.doors(pages))
    draft.promises = json.dumps(first_content.promises(pages))
    draft.save_revision().publish()
    return [home.title]


def _fill_contact(contact: str) -> list[str]:
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        return []
    site_settings = SiteSettings.for_site(site)
    if site_settings.contact_email:
        return []
    site_settings.contact_email = contact
    site_settings.save()
    return ["Site settings: contact address"]
