"""What a reader types to search."""

from django import forms
from django.http import QueryDict

from search import queries

MOST_PAGES = 500


class SearchForm(forms.Form):
    """The words to look for. `page` is the page of the results that was asked for."""

    q = forms.CharField(required=False, label="Search events, findings and pages", strip=False)

    def __init__(self, data: QueryDict) -> None:
        """Take the query as it can be shown again, whatever was sent."""
        super().__init__({"q": queries.clean(data.get("q", ""))}, auto_id="%s")
        self.page = page_number(data.get("page", ""))

    def clean_q(self) -> str:
        query: str = self.cleaned_data["q"]
        if queries.is_too_long(query):
            raise forms.ValidationError(
                f"Your search has {len(query)} characters. Use {queries.MOST_CHARACTERS} or fewer. "
                "What you typed is still in the box."
            )
        return query

    @property
    def query(self) -> str:
        """What the box shows: also a query that was too long."""
        return str(self.data["q"])


def page_number(written: str) -> int:
    """The page asked for; the first for anything that is not one."""
    is_number = written.isascii() and written.isdigit() and len(written) <= len(str(MOST_PAGES))
    return min(max(int(written), 1), MOST_PAGES) if is_number else 1
