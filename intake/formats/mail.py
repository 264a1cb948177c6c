"""E-mails: subject, who wrote to whom and when, and the text; what is attached is named."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage, MIMEPart

from db.errors import BadInputError
from intake.formats.escaping import escape_text
from intake.formats.reading import Placed, Reading, Tell

_HEADERS = ("From", "To", "Cc", "Date")
_MOST_MESSAGES = 50
"""Messages within messages are read so many in all."""


def read_eml(data: bytes, tell: Tell) -> Reading:
    """A message and those that were forwarded within it, each under its subject; other attachments are named alone.

    Raises:
        BadInputError: it is no e-mail.
    """
    message = email.message_from_bytes(data, policy=email.policy.default)
    if not message.keys():
        raise BadInputError("it is no e-mail; save it as .eml anew")
    parts: list[Placed] = []
    pending = [message]
    while pending and len(parts) < 3 * _MOST_MESSAGES:
        own = pending.pop(0)
        parts += _message(own)
        pending += _forwarded(own)
    return Reading(_header(message, "Subject") or None, parts)


def _message(message: EmailMessage) -> Iterator[Placed]:
    told = [(name, _header(message, name)) for name in _HEADERS]
    told = [(name, value) for name, value in told if any(map(str.isalnum, value))]  # "<>" names nobody
    subject = _header(message, "Subject")
    head = [f"# {escape_text(subject)}"] if subject else []
    head.append("\n".join(f"- {name}: {escape_text(value)}" for name, value in told))
    yield Placed("\n\n".join(head))
    body = message.get_body(("plain", "html"))
    if body is not None:
        yield from _body(body)
    names = [part.get_filename() for part in message.iter_attachments() if part.get_filename()]
    if names:
        yield Placed("Attached: " + ", ".join(escape_text(" ".join(str(name).split())) for name in names))


def _body(body: MIMEPart) -> Iterator[Placed]:
    try:
        content = body.get_content()
    except (LookupError, UnicodeError, ValueError):
        payload = body.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    is_html = body.get_content_subtype() == "html"
    yield Placed(content if is_html else escape_text(content.replace("\r\n", "\n")), is_html=is_html)


def _forwarded(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in message.iter_attachments():
        if part.get_content_type() == "message/rfc822":
            for own in part.iter_parts() if part.is_multipart() else ():
                if isinstance(own, EmailMessage):
                    yield own


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, LookupError, IndexError, TypeError, AttributeError):  # what the standard library trips over
        return ""
