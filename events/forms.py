"""What organisers write when they cancel."""

from django import forms

from members.forms import ReasonField


class CancelEventForm(forms.Form):
    """Why an event does not take place."""

    reason = ReasonField(
        label="Why it will not take place",
        help_text=(
            "Shown on the event’s page, and in the letter to everyone who is registered or waits. "
            "For example what happens instead."
        ),
    )
