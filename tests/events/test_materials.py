"""Materials: each file by its own rule, never run in a browser, and gone when its row is."""

import io
import os
from datetime import timedelta
from pathlib import Path
from unittest import mock
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from wagtail.models import PageLogEntry, PageViewRestriction

from events import actions
from events.models import Attendance, EventPage, Material, Registration, Session, TeamMember
from members.models import User

PDF = b"%PDF-1.7\nslides"
Audience = Material.Audience


FILES = Material._meta.get_field("file")


def kept_files() -> list[str]:
    return sorted(path.name for path in Path(FILES.storage.location).glob("materials/*"))


@pytest.fixture(autouse=True)
def private_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(FILES, "storage", FileSystemStorage(tmp_path))


@pytest.fixture
def add(organiser, event, now):
    def add_material(audience=Audience.EVERYONE, *, of=event, content=PDF, filename="Slides.pdf", **offer):
        return actions.add_material(
            event=of,
            offer=actions.Offer(title=offer.pop("title", "Slides"), audience=audience, **offer),
            file=ContentFile(content, name=filename),
            ending="pdf",
            actor=organiser,
            now=now,
        )

    return add_material


@pytest.fixture
def person(event, member, now):
    """Somebody by how they stand with the event."""

    def stand(how: str) -> User | AnonymousUser:
        if how == "stranger":
            return AnonymousUser()
        if how == "not approved":
            User.objects.filter(pk=member.pk).update(state="pending")
            return User.objects.get(pk=member.pk)
        if how != "member":
            state = "confirmed" if how in {"confirmed", "was there", "tick undone"} else how
            state = "cancelled" if how == "was there, cancelled later" else state
            registration = Registration.objects.create(
                event=event, member=member, state=state, registered_at=now, waiting_number=1
            )
            if how in {"was there", "was there, cancelled later", "tick undone"}:
                Attendance.objects.create(
                    registration=registration, is_present=how != "tick undone", noted_at=now
                )
        return member

    return stand


# --- Who may open what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "may_open"),
    [
        ("stranger", {"everyone"}),
        ("not approved", {"everyone"}),
        ("member", {"everyone", "members"}),
        ("waiting", {"everyone", "members"}),
        ("cancelled", {"everyone", "members"}),
        ("confirmed", {"everyone", "members", "participants"}),
        ("tick undone", {"everyone", "members", "participants"}),
        ("was there", {"everyone", "members", "participants", "attended"}),
        ("was there, cancelled later", {"everyone", "members", "attended"}),
    ],
)
def test_visible_to_is_what_each_audience_says(event, person, now, how, may_open):
    for audience in Audience.values:
        Material.objects.create(
            event=event, title=audience, url="https://x.example/", audience=audience, added_at=now
        )

    visible = Material.objects.visible_to(person(how), now)

    assert {material.audience for material in visible} == may_open


def test_visible_to_is_about_the_same_event(event, make_event, person, now):
    for audience in (Audience.PARTICIPANTS, Audience.ATTENDED):
        Material.objects.create(
            event=make_event(), title="Elsewhere", url="https://x.example/", audience=audience, added_at=now
        )

    assert list(Material.objects.visible_to(person("was there"), now)) == []


@pytest.mark.parametrize(("seconds", "is_open"), [(-1, False), (0, True), (1, True)])
def test_visible_to_from_the_time_it_opens(event, now, seconds, is_open):
    Material.objects.create(
        event=event,
        title="Later",
        url="https://x.example/",
        audience=Audience.EVERYONE,
        added_at=now,
        opens_at=now,
    )

    assert Material.objects.visible_to(AnonymousUser(), now + timedelta(seconds=seconds)).exists() is is_open


@pytest.mark.parametrize("number", [1, 3, 200])
def test_materials_with_their_sessions_cost_one_query(event, member, now, number, django_assert_num_queries):
    session = Session.objects.create(
        event=event, title="Talk", starts_at=event.starts_at, ends_at=event.ends_at
    )
    Material.objects.bulk_create(
        Material(
            event=event,
            title="Slides",
            url="https://x.example/",
            audience=Audience.MEMBERS,
            added_at=now,
            session_key=session.key,
        )
        for _ in range(number)
    )

    with django_assert_num_queries(1):
        found = list(event.materials.visible_to(member, now).with_session_title())
    assert {material.session_title for material in found} == {"Talk"}
    assert len(found) == number


# --- Handing out -------------------------------------------------------------------------------------------------


def test_material_is_handed_out_to_be_saved_and_never_to_run(client, add):
    response = client.get(reverse("events:material", args=[add(filename='Häns\n"out.pdf').uuid]))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert "\n" not in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"


def test_link_leads_to_its_address(client, event, now):
    link = Material.objects.create(
        event=event,
        title="Recording",
        url="https://video.example/1",
        audience=Audience.EVERYONE,
        added_at=now,
    )

    assert client.get(reverse("events:material", args=[link.uuid]))["Location"] == "https://video.example/1"


def test_stranger_is_asked_to_sign_in_whether_it_exists_or_not(client, add):
    for uuid in (add(Audience.MEMBERS).uuid, uuid4()):
        response = client.get(reverse("events:material", args=[uuid]))

        assert response["Location"] == f"/account/login/?next=/events/materials/{uuid}/"


def test_material_of_others_is_not_there(client, add, member):
    client.force_login(member)

    for uuid in (add(Audience.PARTICIPANTS).uuid, uuid4()):
        assert client.get(reverse("events:material", args=[uuid])).status_code == 404


@pytest.mark.parametrize("hidden", ["unpublished", "private"])
def test_material_of_an_event_that_one_may_not_see_is_not_there(client, add, event, member, hidden):
    if hidden == "unpublished":
        EventPage.objects.update(live=False)
    else:
        restriction = PageViewRestriction.objects.create(page=event, restriction_type="groups")
        assert restriction.groups.count() == 0
    client.force_login(member)

    assert client.get(reverse("events:material", args=[add().uuid])).status_code == 404


def test_organiser_opens_what_is_not_open_yet(at_desk, add, organiser, now):
    later = add(Audience.ATTENDED, opens_at=now + timedelta(days=9000))

    response = at_desk(organiser).get(reverse("events:material", args=[later.uuid]))

    assert b"".join(response.streaming_content) == PDF


def test_file_that_is_lost_is_not_there(client, add):
    material = add()
    material.file.storage.delete(material.file.name)

    assert client.get(reverse("events:material", args=[material.uuid])).status_code == 404


# --- Files come and go with their rows ---------------------------------------------------------------------------


def test_add_material_keeps_the_file_under_a_name_of_our_own(add):
    material = add(filename="../../Very secret name.pdf")

    assert kept_files() == [f"{material.uuid}.pdf"]
    assert (material.filename, material.size) == ("Very secret name.pdf", len(PDF))


def test_add_material_leaves_no_file_without_a_row(add, monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(Material, "save", fail)

    with pytest.raises(DatabaseError):
        add()
    assert kept_files() == []


def test_remove_material_removes_the_file(add, organiser, django_capture_on_commit_callbacks):
    first, second = add(), add()

    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_material(material=first, actor=organiser)

    assert kept_files() == [f"{second.uuid}.pdf"]


def test_file_stays_until_it_is_certain_that_the_row_is_gone(
    add, organiser, django_capture_on_commit_callbacks
):
    material = add()

    with django_capture_on_commit_callbacks() as kept:
        actions.remove_material(material=material, actor=organiser)

    assert kept_files() == [f"{material.uuid}.pdf"]
    for callback in kept:
        callback()
    assert kept_files() == []


def test_event_that_is_deleted_takes_its_files_along(add, event, django_capture_on_commit_callbacks):
    add()

    with django_capture_on_commit_callbacks(execute=True):
        event.delete()

    assert (kept_files(), Material.objects.count()) == ([], 0)


def test_materials_are_in_the_history_of_the_page(add, organiser):
    material = add()
    offer = actions.Offer(title="Handout", audience=Audience.MEMBERS)
    actions.change_material(material=material, offer=offer, actor=organiser)
    actions.remove_material(material=material, actor=organiser)

    history = PageLogEntry.objects.filter(action__endswith="_material").order_by("timestamp", "pk")
    assert list(history.values_list("action", flat=True)) == [
        "events.add_material",
        "events.change_material",
        "events.remove_material",
    ]


# --- In the admin ------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(at_desk, organiser) -> Client:
    return at_desk(organiser)


def given(**changes) -> dict:
    return {
        "title": "Slides",
        "session": "",
        "audience": "participants",
        "opens_at": "",
        "url": "",
        "file": SimpleUploadedFile("Slides.pdf", PDF),
        **changes,
    }


def add_url(event: EventPage) -> str:
    return reverse("events_admin:add_material", args=[event.pk])


def test_organiser_adds_a_file(desk, event):
    session = Session.objects.create(
        event=event, title="Talk", starts_at=event.starts_at, ends_at=event.ends_at
    )
    fields = given(session=str(session.key), audience="members", opens_at="2027-02-01 09:00")

    assert desk.post(add_url(event), fields).url == reverse("events_admin:materials", args=[event.pk])

    material = Material.objects.get()
    assert (material.title, material.audience, material.session_key) == ("Slides", "members", session.key)
    assert material.filename == "Slides.pdf"
    with material.file.open() as file:
        assert file.read() == PDF
    assert material.opens_at.isoformat() == "2027-02-01T09:00:00+00:00"
    page = desk.get(reverse("events_admin:materials", args=[event.pk])).content.decode()
    assert "Slides" in page
    assert "Talk" in page


def test_organiser_adds_a_link(desk, event):
    desk.post(add_url(event), given(file="", url="https://video.example/1"))

    assert Material.objects.values_list("url", "file").get() == ("https://video.example/1", "")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"title": ""}, "title", "required"),
        ({"file": "", "url": ""}, "file", "Give a file or a link"),
        ({"url": "https://x.example/"}, "file", "Give a file or a link"),
        ({"file": "", "url": "javascript:alert(1)"}, "url", "valid URL"),
        ({"audience": "nobody"}, "audience", "not one of the available choices"),
        ({"session": str(uuid4())}, "session", "not one of the available choices"),
        ({"file": SimpleUploadedFile("page.html", b"<script>")}, "file", "none of the kinds"),
        ({"file": SimpleUploadedFile("fake.pdf", b"<script>")}, "file", "none of the kinds"),
    ],
)
def test_add_material_refuses_at_the_field(desk, event, changes, field, says):
    form = desk.post(add_url(event), given(**changes)).context["form"]

    assert list(form.errors) == [field]
    assert says in form.errors[field][0]
    assert (Material.objects.count(), kept_files()) == (0, [])


def test_file_beyond_the_limit_is_refused_with_both_sizes(desk, event, settings):
    settings.MATERIAL_MAX_MB = 1
    # Within what the request may have beside the file, so it is read and judged by itself.
    file = SimpleUploadedFile("Slides.pdf", PDF + b"x" * 1024 * 1024)

    form = desk.post(add_url(event), given(file=file)).context["form"]

    [words] = form.errors["file"]
    assert words == (
        "This file has 1.0\xa0MB; at most 1 MB can be added. Make it smaller, or put it where your organisation "
        "shares large files and add a link."
    )


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args) -> bytes:
        raise AssertionError("It was read.")


def test_200_mb_are_refused_before_any_of_it_is_read(at_desk, organiser, event):
    response = at_desk(organiser).generic(
        "POST",
        add_url(event),
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(200 * 1024 * 1024),
        **{"wsgi.input": Unread()},
    )

    assert response.status_code == 413
    assert "This file has 200.0\xa0MB; at most 50 MB can be added." in response.content.decode()


def test_add_material_checks_the_forms_token(organiser, event):
    client = Client(enforce_csrf_checks=True)
    client.force_login(organiser)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
    session["account_authentication_methods_user"] = str(organiser.pk)
    session.save()

    assert client.post(add_url(event), given()).status_code == 403
    assert Material.objects.count() == 0


def test_organiser_changes_a_material(desk, add, event):
    material = add()
    url = reverse("events_admin:change_material", args=[event.pk, material.uuid])
    assert desk.get(url).context["form"].initial["title"] == "Slides"

    desk.post(url, {"title": "Handout", "session": "", "audience": "attended", "opens_at": ""})

    material.refresh_from_db()
    assert (material.title, material.audience, material.filename) == ("Handout", "attended", "Slides.pdf")


def test_organiser_removes_a_material(desk, add, event, django_capture_on_commit_callbacks):
    url = reverse("events_admin:remove_material", args=[event.pk, add().uuid])

    assert "Slides" in desk.get(url).content.decode()
    assert Material.objects.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url)

    assert (Material.objects.count(), kept_files()) == (0, [])


@pytest.mark.parametrize("role", ["read", "check in"])
def test_materials_are_for_those_who_manage_the_event(at_desk, organiser, event, add, now, role):
    material = add()
    organiser.groups.clear()
    organiser.user_permissions.add(_admin_access())
    TeamMember.objects.create(event=event, member=organiser, role=role, added_at=now)
    desk = at_desk(User.objects.get(pk=organiser.pk))

    for name, more in [("materials", []), ("add_material", []), ("remove_material", [material.uuid])]:
        answer = desk.post(reverse(f"events_admin:{name}", args=[event.pk, *more]))
        assert answer.status_code == 405 or answer["Location"] == "/admin/"  # Wagtail's way to refuse
    assert Material.objects.count() == 1


def _admin_access():
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename="access_admin")


# --- Files without a row --------------------------------------------------------------------------------------


def test_remove_stray_materials_removes_what_no_row_names(add, tmp_path, now, monkeypatch, capsys):
    """As a crash leaves it. What is a day old at most may get its row yet."""
    monkeypatch.setattr("events.actions.materials.STRAYS_AT_ONCE", 2)
    material = add()
    folder = Path(FILES.storage.location) / "materials"
    for name, hours in {"stray-1.pdf": 25, "stray-2.pdf": 24, "new.pdf": 23}.items():
        (folder / name).write_bytes(b"%PDF-1.7")
        at = (now - timedelta(hours=hours)).timestamp()
        os.utime(folder / name, (at, at))
    long_ago = (now - timedelta(days=400)).timestamp()
    os.utime(FILES.storage.path(material.file.name), (long_ago, long_ago))

    with mock.patch("django.utils.timezone.now", return_value=now):
        call_command("remove_stray_materials", dry_run=True)
        assert len(kept_files()) == 4
        call_command("remove_stray_materials")

    assert capsys.readouterr().out.splitlines() == [
        "materials/stray-1.pdf",
        "materials/stray-2.pdf",
        "2 files belong to no material.",
        "2 files removed.",
    ]
    assert kept_files() == sorted(["new.pdf", Path(material.file.name).name])


def test_remove_stray_materials_where_nothing_was_ever_stored(db, now):
    assert actions.remove_stray_materials(now=now) == 0
