"""What templates about accounts may use: `{% load members %}`."""

from django import template

from members.devices import device_in_words

register = template.Library()

register.filter("device_in_words", device_in_words)
