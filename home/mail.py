"""Letters of the front page: the weekly digest."""

from home.models import Digest
from home.news import News
from home.wording import counts_of, listed
from mailing.actions import Priority, queue_letter
from mailing.letters import absolute_url
from members.models import User

# The category of letters, by which a member stops it.
DIGEST = "digest"


def digest(*, digest: Digest, news: News, member: User) -> None:
    """What is new, to one member. A second call for the same week and member does nothing."""
    queue_letter(
        template="home/mail/digest",
        to=member.email,
        context=digest_context(digest, news),
        dedupe_key=f"digest:{digest.week}:{member.uuid}",
        priority=Priority.BULK,
        category=DIGEST,
    )


def digest_context(digest: Digest, news: News) -> dict[str, object]:
    """The words of the letter: the same for everybody."""
    numbers = [(news.number_of_events, "event"), (news.number_of_findings, "finding")]
    return {
        "what": listed(counts_of([(number, noun) for number, noun in numbers if number])),
        "since": digest.since,
        "events": [
            {"title": event.title, "kind": event.get_kind_display(), "when": event.when, "where": event.where}
            for event in news.events
        ],
        "more_events": news.number_of_events - len(news.events),
        "findings": [
            {
                "title": finding.title,
                "kind": finding.get_kind_display(),
                "year": finding.published_year,
            }
            for finding in news.findings
        ],
        "more_findings": news.number_of_findings - len(news.findings),
        "url": absolute_url("/"),
    }
