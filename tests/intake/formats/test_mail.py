"""An e-mail is its subject, its people and its words."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from db.errors import BadInputError
from intake.formats.mail import read_eml
from tests.intake.formats.making import unheard


def mail(subject: str = "Café opening", text: str = "It opens at nine.") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["Date"] = (
        subject,
        "Ada <ada@x.test>",
        "Mon, 02 Mar 2026 10:00:00 +0000",
    )
    message.set_content(text)
    return message


def texts(data: bytes) -> list[str]:
    return [part.text.strip() for part in read_eml(data, unheard).parts]


def test_it_has_its_subject_people_and_words() -> None:
    assert read_eml(bytes(mail()), unheard).title == "Café opening"
    assert texts(bytes(mail())) == [
        "# Café opening\n\n- From: Ada \\<ada@x.test>\n- Date: Mon, 02 Mar 2026 10:00:00 +0000",
        "It opens at nine.",
    ]


@pytest.mark.parametrize("people", ["<", ".:", "().\\"])
def test_people_that_can_not_be_made_out_are_left_out_alone(people: str) -> None:
    """What Python's own reader of addresses breaks off on."""
    data = bytes(mail()).replace(b"Ada <ada@x.test>", people.encode())
    assert texts(data) == ["# Café opening\n\n- Date: Mon, 02 Mar 2026 10:00:00 +0000", "It opens at nine."]


def test_of_two_ways_to_write_it_the_plain_one_is_read_and_html_where_there_is_no_other() -> None:
    both, page = mail(), mail()
    both.add_alternative("<p>html</p>", subtype="html")
    assert texts(bytes(both))[1] == "It opens at nine."
    page.set_content("<p>html</p>", subtype="html")
    assert [part.is_html for part in read_eml(bytes(page), unheard).parts] == [False, True]


def test_attachments_are_named_and_forwarded_messages_read() -> None:
    message = mail()
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="plan.pdf")
    message.add_attachment(mail("Inner", "Inner words."))
    assert texts(bytes(message))[2:] == [
        "Attached: plan.pdf",
        "# Inner\n\n- From: Ada \\<ada@x.test>\n- Date: Mon, 02 Mar 2026 10:00:00 +0000",
        "Inner words.",
    ]


def test_a_thousand_messages_within_each_other_end() -> None:
    head = b"Subject: s\nContent-Type: multipart/mixed; boundary=b%d\n\n--b%d\nContent-Type: message/rfc822\n\n"
    assert texts(b"".join(head % (n, n) for n in range(200)) + b"Subject: last\n\nwords")


def test_a_charset_that_nobody_knows_is_read_as_far_as_it_goes() -> None:
    assert (
        texts(b"Subject: s\nContent-Type: text/plain; charset=x-nobody\n\nthe caf\xe9 opens")[1]
        == "the caf\ufffd opens"
    )


@pytest.mark.parametrize("data", [b"\n\nno header", b""])
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError, match="no e-mail"):
        read_eml(data, unheard)
