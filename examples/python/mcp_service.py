"""One FastMCP server as an HTTP app: streamable HTTP at `/mcp`, and `GET /health`."""

import asyncio
import contextlib
from dataclasses import dataclass

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import ToolResult
from mcp_types import CallToolRequestParams
from starlette.middleware import Middleware as HttpMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class CallOrigin:
    """What the orchestrator says of a call in `_meta`; both are None when somebody else calls."""

    idempotency_key: str | None = None
    execution_id: str | None = None


def call_origin(context: Context) -> CallOrigin:
    """Who calls. Values that are not text count as absent."""
    request = context.request_context
    meta = (request.meta if request else None) or {}

    def text(name: str) -> str | None:
        value = meta.get(f"orchestrator/{name}")
        return value if isinstance(value, str) else None

    return CallOrigin(text("idempotencyKey"), text("executionId"))


def new_server(name: str) -> FastMCP:
    """A server that coerces no arguments, and tells what goes wrong inside to its log alone."""
    return FastMCP(name, version="1.0.0", strict_input_validation=True, mask_error_details=True)


def http_app(server: FastMCP, delay_ms: int) -> ASGIApp:
    """Stateless, with buffered JSON answers, as the orchestrator calls it."""
    server.add_middleware(_ToolCalls(delay_ms))

    @server.custom_route("/health", methods=["GET"])
    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    middleware = [HttpMiddleware(_EndWithCaller)]
    return server.http_app(path="/mcp", stateless_http=True, json_response=True, middleware=middleware)


class _ToolCalls(Middleware):
    """Waits before the work of each tool call, and says of one that failed inside only that it did."""

    def __init__(self, delay_ms: int) -> None:
        self._seconds = delay_ms / 1000

    async def on_call_tool(
        self,
        context: MiddlewareContext[CallToolRequestParams],
        call_next: CallNext[CallToolRequestParams, ToolResult],
    ) -> ToolResult:
        await asyncio.sleep(self._seconds)
        try:
            return await call_next(context)
        except ToolError as error:
            if error.__cause__ is None:
                raise
            raise ToolError("The tool failed inside the service; see its log") from error


class _EndWithCaller:
    """Cancels a call whose caller hung up, and answers 405 to other methods than POST on `/mcp`.

    The SDK does the first for answers that are streams only, and takes DELETE, which means a session.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/mcp":
            await self._app(scope, receive, send)
        elif scope["method"] != "POST":
            refusal = JSONResponse({"error": "Use POST"}, status_code=405, headers={"allow": "POST"})
            await refusal(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body: asyncio.Queue[Message] = asyncio.Queue()

        async def pass_on() -> None:
            """The body to the call; ends when the caller hangs up."""
            while (message := await receive())["type"] == "http.request":
                body.put_nowait(message)

        call = asyncio.ensure_future(self._app(scope, body.get, send))
        hang_up = asyncio.ensure_future(pass_on())
        done, _ = await asyncio.wait({call, hang_up}, return_when=asyncio.FIRST_COMPLETED)
        if call not in done:
            call.cancel()
        hang_up.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await call
