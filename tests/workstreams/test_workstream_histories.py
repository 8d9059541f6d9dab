"""A plan that needs many histories is one job with one beginning."""

import pytest
from workstream_scene import Stage, at_once

from github_app.jobs import AidpClient, UnknownJobError


async def test_a_plan_counts_from_its_first_history(forgetful: Stage) -> None:
    """Started and took are the plan's, not those of its last continue-as-new; a wrong id is told it once."""
    plan = at_once(forgetful.plan(*(forgetful.unit(f"u{number}") for number in range(12))), 2)
    orchestrator = await forgetful.start(plan)
    summary = await orchestrator.result()
    last, client = await orchestrator.describe(), AidpClient(forgetful.client)
    job = (await client.status(plan.id)).job
    assert job.seconds == summary.seconds
    assert last.start_time.isoformat() > job.started
    with pytest.raises(UnknownJobError) as told:
        await client.status(f"{plan.id}x")
    meant = str(told.value).removesuffix("?").partition("Did you mean ")[2].split(" or ")
    assert meant[0] == plan.id
    assert len(set(meant)) == len(meant)
