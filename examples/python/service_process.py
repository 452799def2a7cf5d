"""Runs a service as a process of its own.

Reads the variables that all services share, says where it listens (a JSON line on stdout, and a message to a
Node parent that opened an IPC channel), and ends at once on SIGTERM, SIGINT or when that parent goes away.
"""

import asyncio
import contextlib
import errno
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

import uvicorn
from fastmcp import FastMCP
from starlette.types import ASGIApp

from mcp_service import http_app

MAX_DELAY_MS = 3_600_000


@dataclass(frozen=True)
class Settings:
    """What every service reads from the environment; times in milliseconds."""

    host: str
    port: int
    delay_ms: int


def run_service(name: str, default_port: int, create: Callable[[Mapping[str, str]], FastMCP]) -> NoReturn:
    """Serves until told to end. A start that fails gives one line on stderr and exit code 1."""
    # `NAME=` in an environment file means that the variable is not set.
    env = {key: value for key, value in os.environ.items() if value != ""}
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    channel = _parent_channel(env)
    try:
        settings = read_settings(env, default_port)
        server = create(env)
        listener = _listen(settings)
    except (OSError, ValueError) as error:
        print(f"{name} cannot start: {error}", file=sys.stderr)
        sys.exit(1)
    app = http_app(server, settings.delay_ms)
    asyncio.run(_Server(name, app, listener, channel).serve([listener]))
    sys.exit(0)


def read_settings(env: Mapping[str, str], default_port: int) -> Settings:
    """`HOST`, `PORT` (0: a free one) and `DELAY_MS`. Raises ValueError that names what is wrong."""
    return Settings(
        host=env.get("HOST", "127.0.0.1"),
        port=_whole_number(env, "PORT", default_port, 65_535),
        delay_ms=_whole_number(env, "DELAY_MS", 0, MAX_DELAY_MS),
    )


def _whole_number(env: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise ValueError(f"{name} must be a whole number from 0 to {most}, not {text!r}")
    return int(text)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns off the delay of small answers only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen()
    except OSError as error:
        listener.close()
        code = errno.errorcode.get(error.errno or 0, "")
        raise OSError(f"{code} {settings.host}:{settings.port} ({error})".strip()) from error
    return listener


class _Server(uvicorn.Server):
    """Says where it listens once it does, and leaves signals to `run_service`."""

    def __init__(
        self, name: str, app: ASGIApp, listener: socket.socket, channel: socket.socket | None
    ) -> None:
        # Longer than callers keep idle connections, so that a reused one is not closed under a request.
        config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none", timeout_keep_alive=60)
        super().__init__(config)
        self._name = name
        self._port: int = listener.getsockname()[1]
        self._channel = channel

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        url = f"http://127.0.0.1:{self._port}"
        print(json.dumps({"service": self._name, "listening": self._port, "url": url}), flush=True)
        if self._channel is not None:
            with contextlib.suppress(OSError):  # The parent left: `_end` comes.
                self._channel.sendall(json.dumps({"listening": self._port}).encode() + b"\n")

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _parent_channel(env: Mapping[str, str]) -> socket.socket | None:
    """The IPC channel of a Node parent, JSON lines on `NODE_CHANNEL_FD`; the process ends with it."""
    number = env.get("NODE_CHANNEL_FD")
    if number is None or os.name != "posix":
        return None
    channel = socket.socket(fileno=int(number))

    def watch() -> None:
        with contextlib.suppress(OSError):
            while channel.recv(4096):
                pass
        _end()

    threading.Thread(target=watch, daemon=True).start()
    return channel


def _end(*_signal: object) -> None:
    """Ends at once: what was answered is on disk, and a caller that gets no answer asks again."""
    os._exit(0)
