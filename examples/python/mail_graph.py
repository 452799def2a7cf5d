"""The graph of a mailbox: emails, people and threads as nodes, who wrote what to whom as edges.

Decides what is added, what a repeat answers, what an undo may remove, and what a question selects.
Every change gives a new graph. The file has the same form as that of the TypeScript service.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from typing_extensions import NotRequired, TypedDict

from mcp_service import CallOrigin


class EmailNode(TypedDict):
    id: str
    kind: Literal["email"]
    subject: str
    date: str
    category: str
    score: float
    createdBy: NotRequired[Annotated[str, Field(description="The execution that created the node")]]


class PersonNode(TypedDict):
    id: str
    kind: Literal["person"]
    name: str
    address: str


class ThreadNode(TypedDict):
    id: str
    kind: Literal["thread"]
    subject: str


GraphNode = Annotated[EmailNode | PersonNode | ThreadNode, Field(discriminator="kind")]

# In this form because `from` is a keyword.
GraphEdge = TypedDict("GraphEdge", {"from": str, "to": str, "kind": Literal["sent", "received", "part_of"]})


class Creation(TypedDict):
    idempotencyKey: str
    nodeId: str


class Subgraph(TypedDict):
    nodes: list[GraphNode]
    edges: list[GraphEdge]


class MailGraph(Subgraph):
    creations: list[Creation]
    """Keys under which a node was created; they outlive the node, so that a late repeat is one."""


class Party(BaseModel):
    name: str = ""
    address: str


class GraphEmail(BaseModel):
    """What the graph needs of an email; an address that is empty makes no person."""

    id: Annotated[str, Field(min_length=1)]
    threadId: str = ""
    sender: Annotated[Party, Field(alias="from")]
    to: list[Party] = []
    cc: list[Party] = []
    subject: str = ""
    date: str = ""

    @property
    def node_id(self) -> str:
        return f"email:{self.id}"

    @property
    def thread_node_id(self) -> str:
        """An email without a thread is one of its own."""
        return thread_node_id(self.threadId if "threadId" in self.model_fields_set else self.id)


class GivenClassification(BaseModel):
    category: str
    score: Annotated[float, Field(ge=0, le=1)]


class Added(TypedDict):
    node_id: str
    created: Annotated[bool, Field(description="Whether this call, or the one it repeats, created the node")]


class Removed(TypedDict):
    removed: bool
    reason: NotRequired[Annotated[str, Field(description="Why nothing was removed")]]


@dataclass(frozen=True)
class Question:
    """Which emails are asked for; what is None does not matter."""

    category: str | None = None
    person: str | None = None
    thread: str | None = None
    limit: int = 50


REMEMBERED_CREATIONS = 10_000


def empty_graph() -> MailGraph:
    return {"nodes": [], "edges": [], "creations": []}


def add_email(
    graph: MailGraph, email: GraphEmail, classification: GivenClassification, origin: CallOrigin
) -> tuple[MailGraph, Added]:
    """One node per email id: a second addition changes nothing and answers `created: False`.

    A repeat under the key that created the node answers as the first time did, even if the node was removed
    meanwhile.
    """
    node_id, key = email.node_id, origin.idempotency_key
    if key is not None and {"idempotencyKey": key, "nodeId": node_id} in graph["creations"]:
        return graph, {"node_id": node_id, "created": True}
    if _find_node(graph, node_id) is not None:
        return graph, {"node_id": node_id, "created": False}
    creations = graph["creations"]
    if key is not None:
        creations = [*creations, Creation(idempotencyKey=key, nodeId=node_id)][-REMEMBERED_CREATIONS:]
    added: list[GraphNode] = [_email_node(email, classification, origin), *_neighbours(email)]
    changed: MailGraph = {
        "nodes": _with_new(graph["nodes"], added),
        "edges": [*graph["edges"], *_edges_of(email)],
        "creations": creations,
    }
    return changed, {"node_id": node_id, "created": True}


def remove_node(graph: MailGraph, node_id: str, execution_id: str | None) -> tuple[MailGraph, Removed]:
    """An execution removes only an email node which it created; without an execution any node is removed.

    People and threads that nothing refers to any more go with it.
    """
    node = _find_node(graph, node_id)
    if node is None:
        return graph, {"removed": False, "reason": f"There is no node {node_id}"}
    if execution_id is not None and not (node["kind"] == "email" and node.get("createdBy") == execution_id):
        return graph, {"removed": False, "reason": f"Node {node_id} was not created by this execution"}
    edges = [edge for edge in graph["edges"] if node_id not in (edge["from"], edge["to"])]
    referred = _ends(edges)
    nodes = [
        one
        for one in graph["nodes"]
        if one["id"] != node_id and (one["kind"] == "email" or one["id"] in referred)
    ]
    return {"nodes": nodes, "edges": edges, "creations": graph["creations"]}, {"removed": True}


def query_graph(graph: MailGraph, question: Question) -> Subgraph:
    """The newest emails that match all of the question, then everything that they are connected to."""
    of_person = _connected_to(graph, None if question.person is None else person_node_id(question.person))
    of_thread = _connected_to(graph, None if question.thread is None else thread_node_id(question.thread))
    emails = [
        node
        for node in graph["nodes"]
        if node["kind"] == "email"
        and question.category in (None, node["category"])
        and (of_person is None or node["id"] in of_person)
        and (of_thread is None or node["id"] in of_thread)
    ]
    shown = sorted(emails, key=lambda node: node["date"], reverse=True)[: question.limit]
    ids = {node["id"] for node in shown}
    edges = [edge for edge in graph["edges"] if edge["from"] in ids or edge["to"] in ids]
    ends = _ends(edges)
    around = [node for node in graph["nodes"] if node["kind"] != "email" and node["id"] in ends]
    return {"nodes": [*shown, *around], "edges": edges}


def person_node_id(address: str) -> str:
    return f"person:{address.lower()}"


def thread_node_id(thread_id: str) -> str:
    return f"thread:{thread_id}"


def _find_node(graph: MailGraph, node_id: str) -> GraphNode | None:
    return next((node for node in graph["nodes"] if node["id"] == node_id), None)


def _email_node(email: GraphEmail, classification: GivenClassification, origin: CallOrigin) -> EmailNode:
    node: EmailNode = {
        "id": email.node_id,
        "kind": "email",
        "subject": email.subject,
        "date": email.date,
        "category": classification.category,
        "score": classification.score,
    }
    if origin.execution_id is not None:
        node["createdBy"] = origin.execution_id
    return node


def _neighbours(email: GraphEmail) -> list[GraphNode]:
    people: list[GraphNode] = [
        {
            "id": person_node_id(party.address),
            "kind": "person",
            "name": party.name,
            "address": party.address.lower(),
        }
        for party in [email.sender, *email.to, *email.cc]
        if party.address
    ]
    return [*people, {"id": email.thread_node_id, "kind": "thread", "subject": email.subject}]


def _edges_of(email: GraphEmail) -> list[GraphEdge]:
    node_id = email.node_id
    sent: list[GraphEdge] = (
        [{"from": person_node_id(email.sender.address), "to": node_id, "kind": "sent"}]
        if email.sender.address
        else []
    )
    recipients = dict.fromkeys(person_node_id(one.address) for one in [*email.to, *email.cc] if one.address)
    received: list[GraphEdge] = [{"from": node_id, "to": one, "kind": "received"} for one in recipients]
    return [*sent, *received, {"from": node_id, "to": email.thread_node_id, "kind": "part_of"}]


def _with_new(nodes: list[GraphNode], added: list[GraphNode]) -> list[GraphNode]:
    """The first node of an id stays."""
    by_id = {node["id"]: node for node in nodes}
    for node in added:
        by_id.setdefault(node["id"], node)
    return list(by_id.values())


def _ends(edges: list[GraphEdge]) -> set[str]:
    return {end for edge in edges for end in (edge["from"], edge["to"])}


def _connected_to(graph: MailGraph, node_id: str | None) -> set[str] | None:
    if node_id is None:
        return None
    return _ends([edge for edge in graph["edges"] if node_id in (edge["from"], edge["to"])])
