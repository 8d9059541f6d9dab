"""What a loop knows when it goes on from a history that a version before this one has ended."""

from workflows.loop_memory import LoopMemory
from workflows.model import ChangeStat, Checkpoint, Source, Workspace

WORKSPACE = Workspace(
    loop_id="loop:1",
    source=Source(),
    host_queue="host:1",
    directory="/var/lib/aidp/runs/1",
    branch="aidp/1",
    base_branch="main",
    base_sha="b" * 40,
    start_sha="a" * 40,
)


def test_it_stands_at_its_checkpoint_also_where_the_workspace_does_not_say_so() -> None:
    """An agent that fails then does not take the work back to where it began."""
    memory = LoopMemory(workspace=WORKSPACE, checkpoint=Checkpoint("c" * 40, "d" * 40, ChangeStat()))
    assert memory.workspace
    assert memory.workspace.head == "c" * 40


def test_without_a_checkpoint_it_stands_where_it_began() -> None:
    """Nothing was made so far."""
    memory = LoopMemory(workspace=WORKSPACE)
    assert memory.workspace
    assert memory.workspace.head == "a" * 40
