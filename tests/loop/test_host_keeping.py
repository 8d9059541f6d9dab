"""A host keeps its house while it works: what runs have left goes when its time is over."""

from pathlib import Path

from loop_scene import settings
from story_kit import until
from temporalio.client import Client

from github_app.worker import working

OFTEN = {"sweep_minutes": 0.005, "logs_kept_days": 0}


def run(state_dir: Path, name: str, *, closed: bool) -> Path:
    """Leave what a run has on a host."""
    directory = state_dir / "runs" / name
    (directory / "logs").mkdir(parents=True)
    if not closed:
        (directory / "tree").mkdir()
    return directory


async def test_closed_runs_are_swept_again_and_again(temporal: Client, tmp_path: Path) -> None:
    """Those that a worker finds when it starts, and those that are closed while it works; never an open one."""
    host_dir = tmp_path / "sweeping"
    early, at_work = run(host_dir, "early", closed=True), run(host_dir, "at-work", closed=False)
    client = await Client.connect(temporal.service_client.config.target_host)  # one client, one host
    async with working(client, settings(host_dir).model_copy(update=OFTEN)):
        await until(lambda: not early.exists())
        late = run(host_dir, "late", closed=True)
        await until(lambda: not late.exists())
    assert (at_work / "tree").exists()
