"""What Temporal's lists show of work, and our search attributes: what lists and its UI can be filtered by.

They are set when a workflow is started. A server that does not know them refuses them, so whoever sets them must also
do without.
"""

from enum import StrEnum

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from workflows.model import LoopSpec


class Kind(StrEnum):
    """What a workflow is for."""

    WORK = "work"
    """One work loop, started by a person."""
    WORKSTREAMS = "workstreams"
    """A plan of many work loops."""

    @property
    def workflow_type(self) -> str:
        """Name of the workflow's class."""
        match self:
            case Kind.WORK:
                return "WorkLoopWorkflow"
            case Kind.WORKSTREAMS:
                return "WorkstreamOrchestratorWorkflow"


KIND = SearchAttributeKey.for_keyword("AidpKind")
PROJECT = SearchAttributeKey.for_keyword("AidpProject")
"""The repository: the path of a local one."""

REGISTERED = (KIND, PROJECT)
"""What a server has to be told of before it takes them."""


def attributes_of(kind: Kind, project: str) -> TypedSearchAttributes:
    """Say what a workflow is to be found by."""
    return TypedSearchAttributes([SearchAttributePair(KIND, kind.value), SearchAttributePair(PROJECT, project)])


def memo_of(spec: LoopSpec) -> dict[str, str]:
    """Say what lists show of a loop."""
    return {"title": spec.task.title, "project": spec.source.project_dir, "branch": spec.branch}
