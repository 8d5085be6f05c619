"""Certificates, for anyone who has the code: who was where, and for how many hours. Nothing else."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events import codes, documents, hours, mail
from events.models import Certificate
from events.models.attendance import code_from
from mailing.letters import NAME
from pages import dates

# A code has 80 bits, so this is against nuisance, not against luck. What is found does not count.
MISSES_AN_HOUR = 20
HOUR = 60 * 60


@login_not_required
@never_cache
@require_safe
def check_certificate(request: HttpRequest) -> HttpResponse:
    """Type the code in."""
    typed = request.GET.get("code", "").strip()
    if code := code_from(typed):
        return redirect("certificates:certificate", code)
    is_sent = "code" in request.GET
    context = {
        "typed": typed,
        "is_empty": is_sent and not typed,
        "is_wrong": is_sent and bool(typed),
        "crumbs": [("Home", "/")],
    }
    return _unlisted(render(request, "events/check_certificate.html", context))


@login_not_required
@never_cache
@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    found = _found(request, code)
    if isinstance(found, HttpResponse):
        return found
    event = found.registration.event
    context = {
        "certificate": found,
        "event": event,
        "hours": hours.in_words(found.hours),
        "crumbs": [("Home", "/")],
    }
    return _unlisted(render(request, "events/certificate.html", context))


@login_not_required
@never_cache
@require_safe
def certificate_file(request: HttpRequest, code: str) -> HttpResponse:
    """As a PDF: what the page says, to keep. None of one that is not valid."""
    found = _found(request, code)
    if isinstance(found, HttpResponse):
        return found
    if not found.is_valid:
        return redirect("certificates:certificate", found.code)
    event, address = found.registration.event, mail.certificate_address(found)
    facts = documents.CertificateFacts(
        name=found.name,
        event=event.title,
        when=event.when,
        hours=hours.in_words(found.hours),
        code=found.code_shown,
        address=address,
        code_picture=codes.as_picture(address, has_margin=False),
        issued_on=dates.day_date(found.issued_at),
    )
    content = documents.certificate(facts, author=NAME, made_at=found.issued_at)
    response = HttpResponse(content, content_type=documents.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="certificate.pdf"'
    return _unlisted(response)


def _found(request: HttpRequest, typed: str) -> Certificate | HttpResponse:
    """The certificate, or the page that says there is none: the same for every code that is wrong."""
    misses = f"events.certificate_misses:{_network(request)}"
    if cache.get(misses, 0) >= MISSES_AN_HOUR:
        return _unlisted(render(request, "events/too_many_codes.html", status=429))
    certificates = Certificate.objects.select_related("registration__event").defer(
        "registration__event__body"
    )
    found = certificates.filter(code=code_from(typed)).first()
    if found is None:
        cache.add(misses, 0, timeout=HOUR)
        cache.incr(misses)
        context = {"crumbs": [("Home", "/")], "is_wrong": True}
        return _unlisted(render(request, "events/check_certificate.html", context, status=404))
    return found


def _network(request: HttpRequest) -> str:
    """Who asks: an address, of IPv6 the network, since one customer has as many addresses as they like."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    bits = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _unlisted(response: HttpResponse) -> HttpResponse:
    """In no search engine and no shared cache: the address is for whoever was given it."""
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True)
    return response
