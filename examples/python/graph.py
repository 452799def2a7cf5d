"""The graph service: people and threads of a mailbox as nodes and edges, kept in a file."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

from fastmcp import Context, FastMCP
from pydantic import Field, TypeAdapter, ValidationError

from mail_graph import (
    Added,
    GivenClassification,
    GraphEmail,
    MailGraph,
    Question,
    Removed,
    Subgraph,
    add_email,
    empty_graph,
    query_graph,
    remove_node,
)
from mcp_service import call_origin, new_server
from service_process import run_service

Answer = TypeVar("Answer")

_GRAPH = TypeAdapter(MailGraph)


class GraphFile:
    """Keeps a mail graph in one JSON file. A change that is answered is in the file.

    It is written beside it and renamed, so that a killed process leaves the old graph or the new one. Changes
    never wait for anything, so they run one after the other.
    """

    def __init__(self, path: Path) -> None:
        """Raises ValueError when the file exists and holds something else: it is never overwritten."""
        self._path = path
        self._graph = self._load()

    @property
    def current(self) -> MailGraph:
        """The graph as the file has it."""
        return self._graph

    def change(self, make: Callable[[MailGraph], tuple[MailGraph, Answer]]) -> Answer:
        """When writing fails, the graph stays as it was."""
        graph, answer = make(self._graph)
        if graph is not self._graph:
            self._save(graph)
        self._graph = graph
        return answer

    def _load(self) -> MailGraph:
        try:
            return _GRAPH.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return empty_graph()
        except ValidationError as error:
            raise ValueError(
                f"{self._path} does not hold a mail graph; move it away or set GRAPH_FILE"
            ) from error

    def _save(self, graph: MailGraph) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        beside.write_bytes(_GRAPH.dump_json(graph))
        beside.replace(self._path)


def create_graph(env: Mapping[str, str]) -> FastMCP:
    """`GRAPH_FILE` is where the graph is kept; default is `.orchestrator/graph.json`."""
    file = GraphFile(Path(env.get("GRAPH_FILE", ".orchestrator/graph.json")))
    server = new_server("graph")

    @server.tool(
        description="Adds an email with its people and thread; one node per email id",
        annotations={
            "readOnlyHint": False,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    )
    async def add_to_graph(email: GraphEmail, classification: GivenClassification, context: Context) -> Added:
        origin = call_origin(context)
        return file.change(lambda graph: add_email(graph, email, classification, origin))

    @server.tool(
        name="query_graph",
        description="Emails by category, person or thread, with the people and threads around them",
        annotations={"readOnlyHint": True, "openWorldHint": False},
    )
    async def query(
        category: str | None = None,
        person: Annotated[str | None, Field(description="An address, as sender or recipient")] = None,
        thread: str | None = None,
        limit: Annotated[int, Field(ge=1, le=500, description="How many emails at most, newest first")] = 50,
    ) -> Subgraph:
        return query_graph(file.current, Question(category, person, thread, limit))

    @server.tool(
        name="remove_node",
        description="Removes a node; as the undo of an execution, only an email node which it created",
        annotations={
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": True,
            "openWorldHint": False,
        },
    )
    async def remove(node_id: str, context: Context) -> Removed:
        execution_id = call_origin(context).execution_id
        return file.change(lambda graph: remove_node(graph, node_id, execution_id))

    return server


if __name__ == "__main__":
    run_service("graph", 8003, create_graph)
