"""Slides, handouts and links of an event: added, changed, removed. The file goes with its row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import Storage
from django.db import transaction
from wagtail.log_actions import log

from events.models import EventPage, Material
from events.models.materials import FOLDER
from members.models import User

STRAY_AFTER = timedelta(days=1)
STRAYS_AT_ONCE = 500


@dataclass(frozen=True)
class Offer:
    """What a material is called, where it belongs, and who may open it from when."""

    title: str
    audience: str
    session_key: UUID | None = None
    opens_at: datetime | None = None


def add_material(
    *,
    event: EventPage,
    offer: Offer,
    actor: User,
    now: datetime,
    file: File[Any] | None = None,
    ending: str = "",
    url: str = "",
) -> Material:
    """Add a file, whose kind was checked and has this ending, or a link.

    The row goes into the database last, and without it no file stays behind.
    """
    material = Material(event_id=event.pk, url=url, added_at=now, **vars(offer))
    if file is not None:
        material.filename = _last_part(file.name or "")
        material.size = file.size
        material.file.save(f"file.{ending}", file, save=False)
    try:
        with transaction.atomic():
            material.save()
            _log("add_material", material, actor)
    except BaseException:
        if material.file:
            material.file.delete(save=False)
        raise
    return material


@transaction.atomic
def change_material(*, material: Material, offer: Offer, actor: User) -> Material:
    """Change what it is called, where it belongs and who may open it; the file or link stays."""
    for name, value in vars(offer).items():
        setattr(material, name, value)
    material.save(update_fields=list(vars(offer)))
    _log("change_material", material, actor)
    return material


@transaction.atomic
def remove_material(*, material: Material, actor: User) -> None:
    """Remove the row, and with it the file (`receivers.remove_file`)."""
    _log("remove_material", material, actor)
    material.delete()


def stray_materials(now: datetime) -> Iterator[str]:
    """Stored files that no row names: what a crash between storing a file and writing its row leaves behind.

    Those of the last day are left alone: their row may still be on its way.
    """
    storage = _storage()
    try:
        _, names = storage.listdir(FOLDER)
    except FileNotFoundError:  # nothing was ever stored
        return
    paths = iter([f"{FOLDER}/{name}" for name in sorted(names)])
    while batch := list(islice(paths, STRAYS_AT_ONCE)):
        known = set(Material.objects.filter(file__in=batch).values_list("file", flat=True))
        for path in batch:
            if path not in known and storage.get_modified_time(path) <= now - STRAY_AFTER:
                yield path


def remove_stray_materials(*, now: datetime) -> int:
    """Remove them; return how many."""
    storage, removed = _storage(), 0
    for path in stray_materials(now):
        storage.delete(path)
        removed += 1
    return removed


def _storage() -> Storage:
    return Material._meta.get_field("file").storage


def _last_part(name: str) -> str:
    """The name alone, whatever system it comes from, without what no header can carry."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:200]


def _log(verb: str, material: Material, actor: User) -> None:
    log(
        instance=material.event.specific,
        action=f"events.{verb}",
        user=actor,
        data={"material": str(material.uuid), "title": material.title},
    )
