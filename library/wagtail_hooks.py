"""Topics in the Wagtail admin."""

from wagtail.snippets.models import register_snippet

from library.viewsets import TopicViewSet

register_snippet(TopicViewSet)
