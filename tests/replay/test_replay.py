"""Recorded histories still replay: runs that began with an older release go on with this one.

`python tests/replay/record.py` records new ones; a recorded file is never changed, only added to or retired.
"""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from github_app.worker import WORKFLOWS

HISTORIES = sorted(Path(__file__).with_name("histories").glob("*.json"))


def test_there_are_histories() -> None:
    """Every workflow type has at least one recorded history."""
    recorded = {path.stem.split(".")[0] for path in HISTORIES}
    assert recorded == {kind.__name__ for kind in WORKFLOWS}


@pytest.fixture(scope="module")
async def failures() -> Mapping[str, Exception | None]:
    """Replay them all in the whole sandbox, where what is not deterministic fails at once."""
    async with Replayer(workflows=WORKFLOWS).workflow_replay_iterator(histories()) as results:
        return {result.history.workflow_id: result.replay_failure async for result in results}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_history_replays(failures: Mapping[str, Exception | None], path: Path) -> None:
    """The workflow code takes the same decisions as when the history was recorded."""
    assert failures[path.stem] is None


async def histories() -> AsyncIterator[WorkflowHistory]:
    """Read all that are recorded; each has its file's name."""
    for path in HISTORIES:
        yield WorkflowHistory.from_json(path.stem, path.read_text())
