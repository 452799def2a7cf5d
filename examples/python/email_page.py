"""Pages of a list of emails. A cursor names the last email of its page: mail that arrives moves nothing."""

import base64
import json

from email_parser import Email


def page_of(emails: list[Email], limit: int, cursor: str) -> tuple[list[Email], str | None]:
    """The page, and the cursor of the next one; ValueError for a cursor that no page has given."""
    after = None if cursor == "" else _read(cursor)
    rest = [email for email in emails if after is None or _place(email) > after]
    page = rest[:limit]
    return page, _write(page[-1]) if len(rest) > len(page) else None


def _place(email: Email) -> tuple[str, str]:
    return email["date"], email["id"]


def _write(email: Email) -> str:
    text = json.dumps(_place(email), separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, str]:
    value = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)):
        raise ValueError("no place in a list of emails")
    return value[0], value[1]
