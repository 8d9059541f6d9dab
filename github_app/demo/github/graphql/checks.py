"""What the checks of a commit come to, in the graph: check runs and statuses together."""

from collections import Counter
from collections.abc import Iterable

from github_app.demo.github.checks import latest
from github_app.demo.github.graphql.execution import Arguments, Thing, connection
from github_app.demo.github.graphql.graph import Graph, Reads, values_of
from github_app.demo.github.model import CheckRun, Repository, Status
from github_app.demo.github.shapes.values import node_id

GOOD = frozenset({"SUCCESS", "NEUTRAL", "SKIPPED"})
WAITING = frozenset({"QUEUED", "IN_PROGRESS", "PENDING", "WAITING", "EXPECTED"})


def rollup(graph: Graph, found: Repository, sha: str) -> Thing | None:
    """Show the newest of each check and status of a commit, and what they come to; `None` where there are none."""
    graph.require("checks:read", "statuses:read")
    runs = latest(it for it in found.check_runs.values() if it.head_sha == sha)
    statuses = list({it.context: it for it in found.statuses if it.sha == sha}.values())
    if not runs and not statuses:
        return None
    reads: Reads = {
        "state": lambda _: _together({*map(_state_of_run, runs), *map(_state_of_status, statuses)}),
        "contexts": lambda wanted: _contexts(runs, statuses, wanted),
    }
    return Thing("StatusCheckRollup", reads, ("Node",))


def _together(states: set[str]) -> str:
    """Let the worst count: what failed, what is not over yet."""
    if states - GOOD - WAITING:
        return "ERROR" if states - GOOD - WAITING == {"ERROR"} else "FAILURE"
    return "PENDING" if states & WAITING else "SUCCESS"


def _contexts(runs: list[CheckRun], statuses: list[Status], wanted: Arguments) -> Thing:
    page = connection("contexts", [*map(_run, runs), *map(_status, statuses)], wanted)
    reads: Reads = {
        **page.fields,
        "checkRunCount": lambda _: len(runs),
        "statusContextCount": lambda _: len(statuses),
        "checkRunCountsByState": lambda _: _counts("CheckRunStateCount", map(_state_of_run, runs)),
        "statusContextCountsByState": lambda _: _counts("StatusContextStateCount", map(_state_of_status, statuses)),
    }
    return Thing("StatusCheckRollupContextConnection", reads)


def _counts(name: str, states: Iterable[str]) -> list[Thing]:
    return [Thing(name, values_of({"state": state, "count": count})) for state, count in Counter(states).items()]


def _run(it: CheckRun) -> Thing:
    conclusion = it.conclusion.upper() if it.conclusion else None
    values = {"id": node_id("CR", it.id), "name": it.name, "status": it.status.upper(), "conclusion": conclusion}
    return Thing("CheckRun", values_of(values), ("Node", "RequirableByPullRequest"))


def _status(it: Status) -> Thing:
    values = {"id": node_id("SC", it.id), "context": it.context, "state": _state_of_status(it)}
    return Thing("StatusContext", values_of(values), ("Node", "RequirableByPullRequest"))


def _state_of_run(it: CheckRun) -> str:
    """Name how it ended, or how far it is."""
    return (it.conclusion or it.status).upper()


def _state_of_status(it: Status) -> str:
    return it.state.upper()
