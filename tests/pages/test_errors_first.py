"""What is wrong stands before everything else: on a phone, a panel that comes first would hide it."""

import pytest
from django.urls import reverse


@pytest.mark.usefixtures("site_tree")
def test_sign_up_shows_what_is_wrong_before_its_panel(client):
    shown = client.post(reverse("account_signup"), {"email": "nobody"}).content.decode()

    assert 0 < shown.index("govuk-error-summary") < shown.index("How it goes on")
    assert shown.count('class="govuk-error-summary"') == 1
