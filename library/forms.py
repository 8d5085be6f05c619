"""What members choose in the library."""

from django import forms

from library.models import Topic
from pages.forms import Option


class TopicsField(forms.ModelMultipleChoiceField[Topic]):
    """Topics to tick, each with its sentence."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, topic: Topic) -> str:
        return Option(topic.name, hint=topic.description)


class ChooseTopicsForm(forms.Form):
    """Which topics interest a member."""

    # By its word, not its number: any text that is sent can be looked up.
    topics = TopicsField(queryset=Topic.objects.all(), to_field_name="slug", label="Topics", required=False)
