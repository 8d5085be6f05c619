"""What a template gets is what its cause gave it."""

from collections import OrderedDict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from mailing.models import OutgoingMail, Priority
from mailing.values import decoded, encoded

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
    | st.dates()
    | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
    | st.times()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda parts: st.lists(parts) | st.dictionaries(st.from_regex(r"[a-z_]\w*", fullmatch=True), parts),
    max_leaves=20,
)


@given(plain)
def test_decoded_values_are_what_was_encoded(value):
    back = decoded(encoded(value))

    assert back == value
    assert type(back) is type(value)


def test_encoded_values_keep_the_order_of_mappings():
    values = OrderedDict([("b", 1), ("a", 2)])

    assert list(decoded(encoded(values))) == ["b", "a"]


@pytest.mark.parametrize(
    ("value", "back"),
    [
        ((1, 2), [1, 2]),
        (gettext_lazy("Your place"), "Your place"),
        (mark_safe("<b>"), "<b>"),
        (Priority.BULK, 9),
        (OutgoingMail.State.SENT, "sent"),
        ("a\x00b\ud800c", "abc"),
        (datetime(2027, 6, 1, 9, tzinfo=ZoneInfo("Europe/London")), datetime(2027, 6, 1, 8, tzinfo=UTC)),
        ({"$date": "no date"}, ValueError),
        ({1: "one"}, ValueError),
        ({"who": uuid4()}, ValueError),
        (float("nan"), ValueError),
        (Decimal("Infinity"), ValueError),
        (b"bytes", ValueError),
        ({1, 2}, ValueError),
    ],
)
def test_encoded_takes_plain_values_only(value, back):
    if back is ValueError:
        with pytest.raises(ValueError, match="A letter"):
            encoded(value)
    else:
        assert decoded(encoded(value)) == back


def test_encoded_says_where_the_wrong_value_is():
    with pytest.raises(ValueError, match=r"cannot keep a object \(events\[1\]\.venue\)"):
        encoded({"events": [{"venue": "Hall"}, {"venue": object()}]})


def test_values_survive_the_database(make_letter):
    values = {
        "z": date(2027, 1, 14),
        "at": datetime(2027, 1, 14, 9, 30, tzinfo=UTC),
        "from": time(9, 30),
        "fee": Decimal("12.50"),
        "a": ["“quoted”", {"x": None}],
    }

    pk = make_letter(values=values).pk

    letter = OutgoingMail.objects.get(pk=pk)
    assert letter.values == values
    assert list(letter.values) == list(values)
