"""One file per kind of work: what the App does when its label is put on or its command is written."""

from collections.abc import Mapping
from types import MappingProxyType

from workflows.model import Work

PROCESSORS: Mapping[Work, str] = MappingProxyType(
    {
        Work.PLAN: "PlanProcessorWorkflow",
        Work.BUILD: "BuildProcessorWorkflow",
        Work.AUTO: "AutoProcessorWorkflow",
        Work.REVIEW: "ReviewProcessorWorkflow",
        Work.FIX_CI: "CiFixProcessorWorkflow",
        Work.FIX: "ChangeRequestProcessorWorkflow",
        Work.REBASE: "RebaseProcessorWorkflow",
        Work.PROJECT: "ProjectProcessorWorkflow",
    }
)
"""The workflow of each kind of work. By name, so that a mailbox does not load what it only starts."""
