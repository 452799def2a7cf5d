"""Turns the bytes of an RFC 822 message into an `Email`. MIME itself is left to the standard library."""

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import NotRequired, TypedDict


class Address(TypedDict):
    name: Annotated[str, Field(description="Display name, empty when the header has none")]
    address: str


class Attachment(TypedDict):
    filename: str | None
    mimeType: str
    size: Annotated[int, Field(description="Bytes after decoding")]


# In this form because `from` is a keyword.
Email = TypedDict(
    "Email",
    {
        "id": Annotated[str, Field(description="Name of the file in the mailbox, without .eml")],
        "threadId": Annotated[str, Field(description="Message-ID of the first message of the conversation")],
        "messageId": str,
        "from": Address,
        "to": list[Address],
        "cc": list[Address],
        "subject": str,
        "date": Annotated[str, Field(description="ISO time of the Date header")],
        "text": Annotated[
            str, Field(description="Plain text; taken from the HTML when the message has nothing else")
        ],
        "html": NotRequired[str],
        "attachments": list[Attachment],
        "unreadable": NotRequired[
            Annotated[
                str,
                Field(
                    description="Why the email could not be read; then its date is that of the file,"
                    " and the rest is empty"
                ),
            ]
        ],
    },
)


def parse_email(raw: bytes, email_id: str, received_at: datetime) -> Email:
    """`received_at` is the date of a message that has no readable one."""
    message = message_from_bytes(raw, EmailMessage, policy=policy.default)
    parts = [part for part in message.walk() if not part.is_multipart()]
    plain = _text_of(parts, "text/plain")
    html = _text_of(parts, "text/html")
    own_id = next(_message_ids(message, "message-id"), None)
    email: Email = {
        "id": email_id,
        "threadId": next(_message_ids(message, "references", "in-reply-to"), own_id or email_id),
        "messageId": own_id or email_id,
        "from": next(iter(_addresses(message, "from")), Address(name="", address="")),
        "to": _addresses(message, "to"),
        "cc": _addresses(message, "cc"),
        "subject": str(message.get("subject", "")),
        "date": iso_time(_date_of(message) or received_at),
        "text": (html_to_text(html or "") if plain is None else plain).strip(),
        "attachments": [_describe(part) for part in parts if not _is_body(part)],
    }
    if html is not None:
        email["html"] = html
    return email


def _message_ids(message: EmailMessage, *headers: str) -> Iterator[str]:
    """RFC 5322, 3.6.4: References lists the conversation from its first message on."""
    text = " ".join(str(message.get(header, "")) for header in headers)
    return iter(re.findall(r"<([^<>\s]+)>", text))


def _addresses(message: EmailMessage, name: str) -> list[Address]:
    header = message.get(name)
    if not isinstance(header, AddressHeader):
        return []
    return [Address(name=one.display_name, address=one.addr_spec) for one in header.addresses if str(one)]


def _date_of(message: EmailMessage) -> datetime | None:
    try:
        date = parsedate_to_datetime(str(message.get("date", "")))
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def iso_time(time: datetime) -> str:
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_body(part: EmailMessage) -> bool:
    return part.get_content_type() in ("text/plain", "text/html") and not part.is_attachment()


def _text_of(parts: list[EmailMessage], content_type: str) -> str | None:
    """The text of all body parts of a type, in whole lines that end with LF; None when there is none."""
    texts = [
        str(part.get_content()).replace("\r\n", "\n").removesuffix("\n") + "\n"
        for part in parts
        if _is_body(part) and part.get_content_type() == content_type
    ]
    return "".join(texts) if texts else None


def _describe(part: EmailMessage) -> Attachment:
    mime_type, payload = part.get_content_type(), part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    if mime_type == "text/calendar":
        content = content.replace(b"\r\n", b"\n")  # So that both kinds of gmail count alike.
    return {"filename": part.get_filename(), "mimeType": mime_type, "size": len(content)}


_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}


def html_to_text(html: str) -> str:
    """Enough to read and classify a message that is HTML only; it is not a sanitiser."""
    text = re.sub(r"<(style|script|head)\b[^>]*>.*?</\1>", "", html, flags=re.IGNORECASE | re.DOTALL)
    text = re.sub(r"<(br|/p|/h\d|/li|/tr|/div)\b[^>]*>", "\n", text, flags=re.IGNORECASE)
    text = re.sub(r"<[^>]+>", " ", text)
    text = re.sub(r"&#([0-9]{1,6});", lambda match: _character(int(match[1])), text)
    text = re.sub(r"&(\w+);", lambda match: _ENTITIES.get(match[1], match[0]), text, flags=re.ASCII)
    text = re.sub(r"[^\S\n]+", " ", text)
    return re.sub(r" *\n\s*", "\n", text)


def _character(code: int) -> str:
    """A lone surrogate is no character, and no JSON text could carry it."""
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)
