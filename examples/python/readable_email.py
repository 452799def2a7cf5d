"""Mail comes from strangers: what is too large, or nested too deep, is not parsed, and what cannot be parsed is no fault
of the mailbox. Such an email stands in lists with the reason, and nothing else that it says."""

import re
from datetime import datetime

from email_parser import Email, iso_time, parse_email

# Bytes; larger ones are not delivered by most servers.
_LARGEST = 25 << 20
# Multiparts and messages within, which is how deep parts can be nested.
_MOST_NESTED = 100
_MOST_PARTS = 1000

_NESTED = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)


def readable_email(raw: bytes, email_id: str, received_at: datetime) -> Email:
    if len(raw) > _LARGEST:
        return _unreadable(email_id, received_at, "it is larger than 25 MB")
    if sum(1 for _ in _NESTED.finditer(raw)) > _MOST_NESTED:
        return _unreadable(email_id, received_at, f"it has more than {_MOST_NESTED} parts that have parts")
    try:
        email = parse_email(raw, email_id, received_at)
    except Exception:  # The parser has no bound to what it raises for the mail of a stranger.
        return _unreadable(email_id, received_at, "it cannot be parsed")
    if len(email["attachments"]) > _MOST_PARTS:
        return _unreadable(email_id, received_at, f"it has more than {_MOST_PARTS} parts")
    return email


def _unreadable(email_id: str, received_at: datetime, why: str) -> Email:
    return {
        "id": email_id,
        "threadId": email_id,
        "messageId": email_id,
        "from": {"name": "", "address": ""},
        "to": [],
        "cc": [],
        "subject": "",
        "date": iso_time(received_at),
        "text": "",
        "attachments": [],
        "unreadable": why,
    }
