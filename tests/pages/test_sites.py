"""The site of a request is the one that Wagtail would find."""

import pytest
from django.test import RequestFactory
from wagtail.models import Site

from pages.sites import site_of


@pytest.fixture
def front_page(site_tree):
    return Site.objects.get(is_default_site=True).root_page


@pytest.fixture
def request_to():
    def make(host: str):
        return RequestFactory().get("/", HTTP_HOST=host)

    return make


@pytest.mark.django_db
def test_site_of_any_name_is_the_only_site(front_page, request_to, django_assert_num_queries):
    site = Site.objects.get(is_default_site=True)
    request = request_to("any.example")

    with django_assert_num_queries(1):
        found = site_of(request)
        assert (found, found.root_page.url_path) == (site, front_page.url_path)
        assert site_of(request) is found

    assert Site.find_for_request(request) is found


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["one.example", "two.example", "two.example:8080", "other.example"])
def test_site_of_a_name_is_the_one_that_wagtail_finds(front_page, request_to, host):
    Site.objects.update(hostname="one.example")
    Site.objects.create(hostname="two.example", port=80, root_page=front_page)
    Site.objects.create(hostname="two.example", port=8080, root_page=front_page)

    assert site_of(request_to(host)) == Site.find_for_request(request_to(host))


@pytest.mark.django_db
@pytest.mark.parametrize(("host", "is_found"), [("one.example", True), ("other.example", False)])
def test_site_of_another_name_is_none_where_no_site_is_for_all(front_page, request_to, host, is_found):
    Site.objects.update(hostname="one.example", is_default_site=False)

    assert (site_of(request_to(host)) is not None) is is_found
