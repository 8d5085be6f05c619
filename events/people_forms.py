"""Whom a registration involves beside the member: a line manager, or a colleague."""

from django import forms

from members.forms import ReasonField


class ManagerForm(forms.Form):
    """Whom to ask for approval."""

    manager_email = forms.EmailField(
        label="Your line manager’s e-mail address",
        help_text="We write to them with a link. They need no account. A link we sent before ends.",
    )


class ManagerAnswerForm(forms.Form):
    """What a line manager answers."""

    answer = forms.ChoiceField(
        label="Your answer",
        choices=[("approve", "Approve"), ("decline", "Decline")],
        widget=forms.RadioSelect,
    )
    reason = ReasonField(label="If you decline: why", help_text="The person reads this.", required=False)


class HandOverForm(forms.Form):
    """To whom to pass a place."""

    colleague_email = forms.EmailField(
        label="Your colleague’s e-mail address",
        help_text="The address they sign in with. They must belong to your organisation.",
    )
