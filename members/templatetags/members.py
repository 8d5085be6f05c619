"""What templates about accounts may use: `{% load members %}`."""

from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.template import Context

from members import passkeys
from members.devices import device_in_words

register = template.Library()

register.filter("device_in_words", device_in_words)


@register.simple_tag(takes_context=True)
def named_address(context: Context) -> str | None:
    """This page at an address where passkeys work; None if it is at one, empty if nobody knows one."""
    return passkeys.named_address(context["request"].build_absolute_uri(), settings.BASE_URL)


@register.filter
def place(url: str) -> str:
    """Host and port of an address, for people to read."""
    return urlsplit(url).netloc
