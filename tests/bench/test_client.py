"""How the benchmarks read a page: as a browser would, as far as they need it."""

import pytest

from bench.client import FormFields, path_of

PAGE = """
<form action="/search/"><input name="q" value="clinic"></form>
<form method="post" action="/events/1/book-place/">
  <input type="hidden" name="csrfmiddlewaretoken" value="abc">
  <input type="checkbox" name="agreed" value="yes">
  <input type="radio" name="diet" value="none" checked>
  <input type="radio" name="diet" value="vegan">
  <input type="submit">
</form>
<input name="elsewhere" value="1">
"""


def test_form_fields_are_those_a_browser_sends_of_the_form_for_that_address():
    assert FormFields(PAGE).fields == {"csrfmiddlewaretoken": "abc", "diet": "none"}


def test_form_fields_of_a_page_without_a_form_are_none():
    assert FormFields("<p>Nothing to fill in.</p>").fields == {}


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("http://127.0.0.1:8110/events/?kind=workshop", "/events/?kind=workshop"),
        ("/events/registrations/1/", "/events/registrations/1/"),
    ],
)
def test_path_of_leaves_out_the_host(address, path):
    assert path_of(address) == path
