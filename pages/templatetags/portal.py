"""What every template of the portal may use: `{% load portal %}`."""

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from pages import dates, icons, navigation, rendering

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of our icons, beside a word: `{% icon "calendar" %}`."""
    try:
        return icons.draw(name)
    except KeyError:
        known = ", ".join(icons.SHAPES)
        raise template.TemplateSyntaxError(f"No icon is called “{name}”. There are: {known}.") from None


@register.simple_tag(takes_context=True)
def site_frame(context: template.Context) -> navigation.Frame:
    """The portal's name, banner and links, for the base template."""
    return navigation.read_frame(context.get("request"))


@register.filter
def day_date(at: datetime | date | None) -> str:
    """The day in London: "Thursday 3 December 2026"."""
    return dates.day_date(at) if at else ""


@register.filter
def clock(at: datetime | None) -> str:
    """The time of day in London: "1pm"."""
    return dates.clock(at) if at else ""


@register.filter
def moment(at: datetime | None) -> str:
    """Day and time in London: "Thursday 3 December 2026, 1pm"."""
    return dates.moment(at) if at else ""


@register.filter
def month(at: datetime | date | None) -> str:
    """The month in London: "December 2026"."""
    return dates.month(at) if at else ""


@register.simple_tag
def period(start: datetime, end: datetime, zone: str = "Europe/London") -> str:
    """From when to when, in the zone of the place: "Thursday 3 December 2026, 1pm to 4:30pm"."""
    return dates.period(start, end, zone)


@register.simple_tag
def field_parts(field: BoundField) -> rendering.FieldParts:
    """A form field, ready to be written as a GOV.UK form group."""
    return rendering.field_parts(field)


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | BaseFormSet, *, unless_drawn: bool = False) -> dict[str, Any]:
    """What stands wrong in a form or formset, each error a link to its field. Nothing when all is well.

    `{{ form }}` draws it too, unless the page has drawn it above: then the form remembers.
    """
    if unless_drawn and getattr(form, "_summary_is_drawn", False):
        return {"lines": []}
    form._summary_is_drawn = True  # type: ignore[union-attr]
    return {"lines": rendering.summary_lines(form)}


@register.tag
def lift_heading(parser: template.base.Parser, _token: template.base.Token) -> "LiftHeadingNode":
    """Draw the first h1 of what stands between the tags as title band, the rest below as content.

    For templates of others that write their h1 into the middle of the page, as allauth's do.
    """
    nodelist = parser.parse(("endlift_heading",))
    parser.delete_first_token()
    return LiftHeadingNode(nodelist)


class LiftHeadingNode(template.Node):
    """What stands between `{% lift_heading %}` and `{% endlift_heading %}`."""

    def __init__(self, nodelist: template.NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        before, opening, rest = self.nodelist.render(context).partition("<h1")
        heading, closing, after = rest.partition("</h1>")
        return render_to_string(
            "components/lifted.html",
            {
                "heading": mark_safe(f"{opening}{heading}{closing}"),  # noqa: S308 - rendered above
                "content": mark_safe(before + after),  # noqa: S308
            },
        )
