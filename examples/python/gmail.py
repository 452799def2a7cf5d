"""The gmail service: a mailbox of real messages as MCP tools and resources. It only reads."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Annotated

from fastmcp import FastMCP
from fastmcp.exceptions import ResourceError, ToolError
from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter
from typing_extensions import NotRequired, TypedDict

from email_page import page_of
from email_parser import Email
from mcp_service import new_server
from readable_email import readable_email
from service_process import run_service

EXAMPLE_MAILBOX = Path(__file__).parent.parent / "email" / "mailbox"

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


MOST_ON_PAGE = 500
USUAL_PAGE = 100


class Emails(TypedDict):
    emails: list[Email]
    nextCursor: NotRequired[
        Annotated[str, Field(description="The cursor of the next page; absent on the last one")]
    ]


class Mailbox:
    """A folder of `.eml` files; the name of a file is the id of its email.

    Files are read when asked for, so that mail may arrive at any time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, email_id: str) -> Email | None:
        """None when there is no such email (an id never names a file outside the folder); one that cannot be read says why."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", email_id):
            return None
        path = self._folder / f"{email_id}.eml"
        if not path.is_file():
            return None
        received_at = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
        return readable_email(path.read_bytes(), email_id, received_at)

    def list(self, since: datetime | None = None) -> list[Email]:
        """Oldest first; with `since`, only what is not older."""
        names = [path.stem for path in self._folder.iterdir() if path.suffix == ".eml"]
        emails = [email for name in names if (email := self.get(name)) is not None]
        wanted = [email for email in emails if since is None or read_time(email["date"]) >= since]
        return sorted(wanted, key=lambda email: (email["date"], email["id"]))


def read_time(text: str) -> datetime:
    """An ISO date (its midnight in UTC) or an ISO time with an offset; ValueError for anything else."""
    if _DATE.fullmatch(text):
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
    if _TIME.fullmatch(text):
        return TypeAdapter(AwareDatetime).validate_python(text)
    raise ValueError("must be an ISO date, or an ISO time with an offset")


def _check_time(text: str) -> str:
    read_time(text)
    return text


Since = Annotated[
    str, AfterValidator(_check_time), Field(description="ISO date or time; older emails are left out")
]

Limit = Annotated[
    int,
    Field(ge=1, le=MOST_ON_PAGE, description=f"Emails on a page, 1 to {MOST_ON_PAGE}, {USUAL_PAGE} when left out"),
]
Cursor = Annotated[str, Field(description="nextCursor of the page before; empty for the first page")]


def create_gmail(env: Mapping[str, str]) -> FastMCP:
    """`MAILBOX_DIR` names the folder; default is the example mailbox."""
    mailbox = Mailbox(Path(env.get("MAILBOX_DIR", EXAMPLE_MAILBOX)))
    server = new_server("gmail")
    annotations = {"readOnlyHint": True, "openWorldHint": False}

    description = "The emails of the mailbox, oldest first, a page at a time"

    @server.tool(description=description, annotations=annotations)
    async def fetch_emails(
        since: Since | None = None, limit: Limit | None = None, cursor: Cursor | None = None
    ) -> Emails:
        found = mailbox.list(None if since is None else read_time(since))
        try:
            emails, next_cursor = page_of(found, USUAL_PAGE if limit is None else limit, cursor or "")
        except ValueError as error:
            raise ToolError("The cursor is none that fetch_emails gave") from error
        return {"emails": emails} if next_cursor is None else {"emails": emails, "nextCursor": next_cursor}

    @server.tool(description="One email by its id", annotations=annotations)
    async def get_email(id: str) -> Email:
        return _readable(mailbox, id, ToolError)

    @server.resource("email://{id}", name="email", mime_type="application/json")
    async def read_email(id: str) -> str:
        return json.dumps(_readable(mailbox, id, ResourceError), ensure_ascii=False)

    return server


def _readable(mailbox: Mailbox, email_id: str, fault: type[Exception]) -> Email:
    email = mailbox.get(email_id)
    if email is None:
        raise fault(f"There is no email '{email_id}' in the mailbox")
    if "unreadable" in email:
        raise fault(f"The email '{email_id}' cannot be read: {email['unreadable']}")
    return email


if __name__ == "__main__":
    run_service("gmail", 8001, create_gmail)
