"""What a message in the mailbox for returned letters is."""

import hashlib
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailing.reports import SIZE_LIMIT, Failure, Kind, read

LETTER = "<0123456789abcdef0123456789abcdef@portal.example>"
ORIGINAL = f"Message-ID: {LETTER}\nFrom: portal@portal.example\nTo: gone@force.example\nSubject: Your place\n"


def delivery_report(fields: str, original_type: str = "message/rfc822", text: str = "Sorry.") -> bytes:
    """A report as Postfix, Exim and Exchange write it."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mail.example (Mail Delivery System)
To: portal@portal.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=b"

--=b
Content-Type: text/plain

{text}

--=b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Arrival-Date: Thu, 14 Jan 2027 09:29:00 +0000

{fields}

--=b
Content-Type: {original_type}

{ORIGINAL}
--=b--
""".encode()


def recipient(action: str, status: str, said: str = "", address: str = "gone@force.example") -> str:
    lines = [f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}"]
    return "\n".join(lines + ([f"Diagnostic-Code: smtp; {said}"] if said else []))


@pytest.mark.parametrize("original_type", ["message/rfc822", "text/rfc822-headers"])
def test_read_delivery_report_names_letter_address_and_answer(original_type):
    content = delivery_report(
        recipient("failed", "5.1.1", "550 5.1.1 <gone@force.example>:\n    no such person"), original_type
    )

    reading = read(content)

    assert reading.kind == Kind.HARD
    assert reading.key == hashlib.sha256(content).hexdigest()
    assert reading.message_ids == (LETTER,)
    assert reading.failures == (
        Failure(
            Kind.HARD, "gone@force.example", "5.1.1 smtp; 550 5.1.1 <gone@force.example>: no such person"
        ),
    )


@pytest.mark.parametrize(
    ("action", "status", "said", "kind"),
    [
        ("failed", "5.1.1", "", Kind.HARD),
        ("failed", "5.0.0", "550 user unknown", Kind.HARD),
        ("failed", "5.2.1", "mailbox disabled", Kind.HARD),
        ("Failed", "5.1.10", "", Kind.HARD),
        ("failed", "4.4.7", "delivery time expired", Kind.SOFT),
        ("failed", "5.2.2", "mailbox full", Kind.SOFT),
        ("failed", "5.0.0", "552 over quota", Kind.SOFT),
        ("failed", "5.7.1", "blocked by policy", Kind.SOFT),
        ("failed", "5.4.1", "no route", Kind.SOFT),
        ("failed", "5.3.4", "message too big", Kind.SOFT),
        ("delayed", "4.4.1", "", Kind.SOFT),
        ("delivered", "2.0.0", "", Kind.AUTOMATIC),
        ("relayed", "2.0.0", "", Kind.AUTOMATIC),
        ("expanded", "2.0.0", "", Kind.AUTOMATIC),
    ],
)
def test_read_delivery_report_tells_lasting_from_passing(action, status, said, kind):
    assert read(delivery_report(recipient(action, status, said))).kind == kind


def test_read_delivery_report_tells_of_each_recipient():
    fields = "\n\n".join(
        [recipient("failed", "5.1.1"), recipient("delayed", "4.4.1", address="Slow@Force.example")]
    )

    reading = read(delivery_report(fields))

    assert reading.kind == Kind.HARD
    assert [(failure.kind, failure.address) for failure in reading.failures] == [
        (Kind.HARD, "gone@force.example"),
        (Kind.SOFT, "slow@force.example"),
    ]


def test_read_delivery_report_prefers_the_address_we_wrote_to():
    fields = f"Original-Recipient: rfc822; gone@force.example\n{recipient('failed', '5.1.1', address='x@inner.example')}"

    [failure] = read(delivery_report(fields)).failures

    assert failure.address == "gone@force.example"


def plain(sender: str, subject: str, text: str, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "portal@portal.example", subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


QMAIL = f"""\
Hi. This is the qmail-send program at mail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<gone@force.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 unknown user

--- Below this line is a copy of the message.

Message-ID: {LETTER}
Subject: Your place
"""


def test_read_text_of_a_mail_server_that_knows_no_reports():
    reading = read(plain("MAILER-DAEMON@mail.example", "failure notice", QMAIL, Return_Path="<>"))

    assert (reading.kind, reading.message_ids) == (Kind.HARD, (LETTER,))
    assert reading.failures == (Failure(Kind.HARD, "", "Remote host said: 550 5.1.1 unknown user"),)


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Automatic reply: Your place", {}),
        ("Auto-Reply: Your place", {}),
        ("Out of Office: Your place", {}),
        ("Out of the office", {}),
        ("Abwesenheitsnotiz", {}),
        ("Re: Your place", {"Auto_Submitted": "auto-replied"}),
        ("Re: Your place", {"Auto_Submitted": "auto-replied; owner=x", "Return_Path": "<>"}),
        ("Re: Your place", {"Auto_Submitted": "auto-generated"}),
        ("Re: Your place", {"X_Autoreply": "yes"}),
        ("Re: Your place", {"X_Autorespond": "yes"}),
        ("Re: Your place", {"Precedence": "auto_reply"}),
    ],
)
def test_read_automatic_answers_are_recognised(subject, headers):
    content = plain(
        "p@force.example", subject, "I am back on Monday. 550 5.1.1", In_Reply_To=LETTER, **headers
    )

    reading = read(content)

    assert (reading.kind, reading.message_ids, reading.failures) == (Kind.AUTOMATIC, (LETTER,), ())


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Re: Your place", {}),
        ("Question about 550 5.1.1", {"Auto_Submitted": "no"}),
        ("We are out of office supplies", {}),
    ],
)
def test_read_leaves_what_a_person_wrote_to_a_person(subject, headers):
    assert read(plain("p@force.example", subject, "Can I bring a colleague?", **headers)).kind == Kind.OTHER


def test_read_complaint_names_the_reader():
    content = f"""\
From: feedback@provider.example
Content-Type: multipart/report; report-type=feedback-report; boundary="=b"

--=b
Content-Type: text/plain

This is an abuse report.
--=b
Content-Type: message/feedback-report

Feedback-Type: abuse
Original-Rcpt-To: <reader@force.example>
--=b
Content-Type: message/rfc822

{ORIGINAL}
--=b--
""".encode()

    reading = read(content)

    assert (reading.kind, reading.message_ids) == (Kind.COMPLAINT, (LETTER,))
    assert reading.failures == (Failure(Kind.COMPLAINT, "reader@force.example"),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=\n\n--\n",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts",
        b"From: =?utf-8?b?////?=\nSubject: =?x?q?=FF?=\n\n",
        b"Message-ID: <[a@b\nReferences: <<<>>>\nAuto-Submitted: ;;;\n\n",
        delivery_report("Action: failed\nStatus: \xff\nFinal-Recipient: ;;;"),
        b"From: MAILER-DAEMON@x.example\n\n" + b"5.1.1 " * (SIZE_LIMIT // 6 + 1),
        b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (depth, depth)
            for depth in range(3000)
        ),
    ],
)
def test_read_takes_anything(content):
    assert read(content).kind in Kind


@given(st.binary(max_size=2000))
def test_read_takes_any_bytes(tail):
    assert read(delivery_report("Action: failed")[:400] + tail).kind in Kind
