"""Files of events, handed out by their rules: never by a web server on its own, never to run in the browser."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from events import rules
from events.file_kinds import KINDS
from events.models import EventPage, Material

# Whatever slips in and whichever browser shows it instead of saving it: nothing in it runs or loads.
POLICY = "default-src 'none'; sandbox"


@login_not_required
@require_safe
def material(request: HttpRequest, material: UUID) -> HttpResponseBase:
    """The file, streamed, or the way to the link. Strangers are asked to sign in, whether it exists or not."""
    found = Material.objects.visible_to(request.user, timezone.now()).filter(uuid=material).first()
    if (
        found is not None
        and not EventPage.objects.visible_to(request.user).filter(pk=found.event_id).exists()
    ):
        found = None
    if found is None:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        found = _of_organiser(request, material)
    if found.url:
        return HttpResponseRedirect(found.url)
    return _file(found)


def _of_organiser(request: HttpRequest, uuid: UUID) -> Material:
    """Whoever manages the event looks at everything, also before it opens."""
    found = Material.objects.select_related("event").defer("event__body").filter(uuid=uuid).first()
    if found is None or not rules.can_manage_registrations(request.user, found.event):
        raise Http404
    return found


def _file(material: Material) -> FileResponse:
    try:
        content = material.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content,
        as_attachment=True,
        filename=material.filename,
        content_type=KINDS[material.ending].content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "private, no-store"
    return response
