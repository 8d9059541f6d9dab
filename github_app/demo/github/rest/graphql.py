"""`POST /graphql`: one endpoint; what it needs depends on what is asked."""

from github_app.demo.github.graphql import execute
from github_app.demo.github.graphql.graph import Graph
from github_app.demo.github.graphql.mutations import mutation
from github_app.demo.github.graphql.schema import query
from github_app.demo.github.rest.gate import Answer, Ask, Endpoint


async def answer_query(ask: Ask) -> Answer:
    """Answer a query or mutation; the status is 200 whatever went wrong."""
    graph = Graph(ask.world, ask.token, set())
    body = execute(ask.body, {"query": query(graph), "mutation": mutation(graph)})
    return Answer(200, body, needs=tuple(sorted(graph.needed)))


ENDPOINTS = tuple(Endpoint("POST", path, answer_query) for path in ("/graphql", "/api/graphql"))
"""The second is where enterprise servers have it."""
