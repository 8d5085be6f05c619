"""What members do in the library."""

from collections.abc import Collection

from django.db import transaction

from library.models import Topic, TopicInterest
from members.models import User


@transaction.atomic
def choose_topics(*, member: User, topics: Collection[Topic]) -> None:
    """These topics interest the member, and no others. Chosen twice at once, each is kept once."""
    chosen = {topic.pk for topic in topics}
    TopicInterest.objects.filter(member=member).exclude(topic__in=chosen).delete()
    for topic in chosen:
        TopicInterest.objects.get_or_create(member=member, topic_id=topic)
