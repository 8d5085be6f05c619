"""What an event says of itself: when, where and with whom."""

from datetime import datetime
from typing import Any

from django.db import models

from events import wording


class InWords(models.Model):
    """The part of an event page that puts its time and place into words. Its fields are the page's."""

    class Format(models.TextChoices):
        IN_PERSON = "in person", "In person"
        ONLINE = "online", "Online"
        HYBRID = "hybrid", "In person and online"

    class DatePrecision(models.TextChoices):
        TIME = "time", "Day and time are known"
        MONTH = "month", "Only the month is known"

    format: str
    starts_at: datetime
    ends_at: datetime
    date_precision: str
    time_zone: str
    place: str
    co_host: str
    venue: Any

    class Meta:
        abstract = True

    @property
    def has_door(self) -> bool:
        """Whether people come to a place at a time that is known, and show a code there."""
        return self.has_known_day and self.format != self.Format.ONLINE

    @property
    def is_joined_online(self) -> bool:
        """Whether some or all of the people come by a joining link."""
        return self.format != self.Format.IN_PERSON

    @property
    def has_known_day(self) -> bool:
        return self.date_precision == self.DatePrecision.TIME

    @property
    def when(self) -> str:
        return wording.when(
            self.starts_at, self.ends_at, precision=self.date_precision, time_zone=self.time_zone
        )

    @property
    def when_in_full(self) -> str:
        """For those who go: over several days with the times, too."""
        return wording.when_in_full(
            self.starts_at, self.ends_at, precision=self.date_precision, time_zone=self.time_zone
        )

    @property
    def date_shown(self) -> wording.DateShown:
        return wording.date_shown(self.starts_at, precision=self.date_precision, time_zone=self.time_zone)

    @property
    def where(self) -> str:
        return wording.where(self.format, self.place)

    @property
    def where_in_full(self) -> str:
        """With the venue's name. Asks for the venue unless it came along."""
        return wording.where(self.format, self.place, self.venue.name if self.venue else "")

    @property
    def location(self) -> str:
        """What a calendar finds on a map. Asks for the venue unless it came along."""
        return wording.location(
            self.format,
            self.place,
            venue=self.venue.name if self.venue else "",
            address=self.venue.address if self.venue else "",
        )

    @property
    def co_hosts(self) -> str:
        """For example "the College, Kent Police and the Home Office"."""
        return wording.listed(filter(None, map(str.strip, self.co_host.split(";"))))
