"""`aidp deliveries`, as a person types it."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from delivery_scene import HOUR, Scene
from story_kit import until

AIDP = Path(sys.executable).with_name("aidp")


def environment(scene: Scene) -> dict[str, str]:
    """Set what an operator would set."""
    app, settings = scene.github.world.app, scene.settings
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(settings.state_dir),
        "AIDP_GITHUB_APP_ID": str(app.id),
        "AIDP_GITHUB_PRIVATE_KEY": app.private_key_pem,
        "AIDP_GITHUB_WEBHOOK_SECRET": app.webhook_secret,
        "AIDP_GITHUB_API_URL": scene.github.url,
        "AIDP_GITHUB_URL": scene.github.url,
        "AIDP_STATE_DIR": str(settings.state_dir),
    }


async def aidp(scene: Scene, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Type `aidp deliveries` and something."""
    process = await asyncio.create_subprocess_exec(
        AIDP,
        "deliveries",
        *arguments,
        env=environment(scene) | changes,
        cwd=scene.settings.state_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return subprocess.CompletedProcess(arguments, process.returncode, out.decode(), err.decode())


async def test_the_log_is_shown_by_webhook(scene: Scene) -> None:
    """One line each, the newest first: what happened where, how its latest attempt went, and how many there were."""
    await scene.labelled()
    shown = await aidp(scene, "list")
    assert shown.returncode == 0
    heading, newest, *_ = shown.stdout.splitlines()
    assert heading.split() == ["TIME", "EVENT", "REPOSITORY", "STATUS", "ATTEMPTS", "ID"]
    assert "issues.labeled" in newest
    assert scene.story.repository.full_name in newest
    assert "failed to connect to host" in newest
    assert newest.split()[-2:] == ["1", str(scene.log[-1].id)]


async def test_the_log_is_there_for_programs(scene: Scene) -> None:
    """As JSON, also only what was never taken, and only since some time ago."""
    async with scene.past(HOUR):
        await scene.labelled()
    async with scene.open_door():
        await scene.something_else()
    failed = json.loads((await aidp(scene, "list", "--failed", "--json")).stdout)
    assert [it["guid"] for it in failed] == list(reversed(scene.guids()[:2]))
    assert {it["repository"] for it in failed} == {scene.story.repository.full_name}
    recent = json.loads((await aidp(scene, "list", "--since", "30m", "--json")).stdout)
    assert [it["taken"] for it in recent] == [True, True]


async def test_a_webhook_is_delivered_again_by_id_or_guid(scene: Scene) -> None:
    """Whichever of the two somebody has at hand."""
    await scene.labelled()
    first, second = scene.log
    async with scene.open_door():
        assert (await aidp(scene, "replay", str(first.id))).returncode == 0
        assert (await aidp(scene, "replay", second.guid)).returncode == 0
        await scene.github.settle()
    assert scene.again() == [first.guid, second.guid]


@pytest.mark.parametrize("name", ["123", "72d3162e-cc78-11e3-81ab-4c9367dc0958"])
async def test_an_unknown_webhook_is_told(scene: Scene, name: str) -> None:
    """It says what was not found, and where to look."""
    refused = await aidp(scene, "replay", name)
    assert refused.returncode == 1
    assert f"GitHub can not deliver {name} again" in refused.stderr
    assert "aidp deliveries list" in refused.stderr


async def test_a_machine_that_github_can_not_reach_pulls(scene: Scene) -> None:
    """What the log has goes through the same door, once, and the label gets its answer."""
    number = await scene.labelled()
    label = scene.log[-1].guid
    pulled = await aidp(scene, "pull")
    assert pulled.returncode == 0, pulled.stderr
    assert f"{label}  issues.labeled: taken" in pulled.stdout
    assert await until(lambda: [it for it in scene.story.comments(number) if "write" in it])
    await aidp(scene, "pull")
    await scene.github.settle()
    assert len([it for it in scene.story.comments(number) if "write" in it]) == 1


async def test_pulling_goes_on_until_it_is_stopped(scene: Scene) -> None:
    """With --follow, what happens later is taken as well; Ctrl-C ends it."""
    following = await asyncio.create_subprocess_exec(
        AIDP, "deliveries", "pull", "--follow", env=environment(scene), stdout=subprocess.PIPE
    )
    assert following.stdout
    number = await scene.labelled()
    line = b""
    while b"issues.labeled: taken" not in line:
        line = await asyncio.wait_for(following.stdout.readline(), 60)
    await until(lambda: [it for it in scene.story.comments(number) if "write" in it])
    following.send_signal(2)
    await asyncio.wait_for(following.communicate(), 60)


@pytest.mark.parametrize(
    ("arguments", "changes", "told"),
    [
        (("list",), {"AIDP_GITHUB_APP_ID": ""}, "AIDP_GITHUB_APP_ID is not set"),
        (("list",), {"AIDP_GITHUB_APP_ID": "4242"}, "GitHub knows no App with this id"),
        (("list", "--since", "soon"), {}, "30s, 10m, 2h or 3d"),
        (("list",), {"AIDP_GITHUB_API_URL": "http://127.0.0.1:9"}, "GitHub did not answer"),
        (("pull",), {"AIDP_GITHUB_WEBHOOK_SECRET": ""}, "AIDP_GITHUB_WEBHOOK_SECRET is not set"),
        (("pull",), {"TEMPORAL_ADDRESS": "127.0.0.1:9"}, "No Temporal server answers"),
    ],
)
async def test_what_is_wrong_is_said(
    scene: Scene, arguments: tuple[str, ...], changes: dict[str, str], told: str
) -> None:
    """In words that say what to mend, without a traceback."""
    refused = await aidp(scene, *arguments, **changes)
    assert refused.returncode in {1, 2}
    assert told in " ".join(refused.stderr.replace("│", " ").split())
    assert "Traceback" not in refused.stderr
