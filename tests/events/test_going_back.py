"""Going back from what is done with several registrations leads to where they were chosen."""

import pytest

from tests.events.desk import html, list_url, url

pytestmark = pytest.mark.usefixtures("stopped_clock")

FILTERS = "state=waiting&state=confirmed&q=Member"


def back(response) -> str:
    return html(response).split('">Go back<')[0].rpartition('href="')[2].replace("&amp;", "&")


def act(desk, event, name: str, chosen, **data):
    sent = {"act": name, "chosen": [str(row.uuid) for row in chosen], **data}
    return desk.post(url("act", event.pk), sent, follow=True)


@pytest.mark.parametrize("whom", ["ticked", "all"])
@pytest.mark.parametrize("name", ["cancel", "message"])
def test_it_leads_to_the_list_with_its_filter(desk, event, fill, name, whom):
    response = act(desk, event, name, fill(event, 2), filters=FILTERS, whom=whom)

    assert back(response) == f"{list_url(event)}?{FILTERS}"


def test_it_leads_to_the_list_where_nothing_was_filtered(desk, event, fill):
    assert back(act(desk, event, "cancel", fill(event, 2))) == list_url(event)


def test_it_leads_to_the_record_where_it_was_begun_there(desk, event, fill):
    (row,) = fill(event, 1)
    record = url("registration", event.pk, row.uuid)
    assert 'name="of_record"' in html(desk.get(record))

    asked = act(desk, event, "cancel", [row], of_record="yes")
    done = act(desk, event, "cancel", [row], of_record="yes", confirmed="yes")

    assert back(asked) == record
    assert 'name="of_record"' in html(asked)
    assert done.redirect_chain[-1][0] == record


def test_a_message_that_is_changed_leads_back_to_it(desk, event, fill):
    fill(event, 1)
    address = url("write_message", event.pk)
    made = desk.post(address, {"subject": "The room", "text": "Hello"}, follow=True).redirect_chain[-1][0]

    assert back(desk.get(made + "change/")) == made
    assert back(desk.get(address)) == f"{list_url(event)}?state=confirmed"
