"""`aidp deliveries`, as a person types it."""

import asyncio
import json
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
import typer
from delivery_scene import AIDP, DAY, HOUR, MINUTE, Scene
from story_kit import until

from github_app.deliveries_cli import parse_name, parse_span

UNKNOWN = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


async def aidp(scene: Scene, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Type `aidp deliveries` and something."""
    process = await asyncio.create_subprocess_exec(
        AIDP,
        "deliveries",
        *arguments,
        env=scene.environment() | changes,
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
    for hours in (3, 1):
        async with scene.past(hours * HOUR):
            await scene.labelled()
    async with scene.open_door():
        await scene.something_else()
    failed = json.loads((await aidp(scene, "list", "--failed", "--since", "2h", "--json")).stdout)
    assert [it["guid"] for it in failed] == list(reversed(scene.guids()[2:4]))
    assert {it["repository"] for it in failed} == {scene.story.repository.full_name}


async def test_a_webhook_is_delivered_again_by_id_or_guid(scene: Scene) -> None:
    """Whichever of the two somebody has at hand."""
    await scene.labelled()
    first, second = scene.log
    async with scene.open_door():
        assert (await aidp(scene, "replay", str(first.id))).returncode == 0
        assert (await aidp(scene, "replay", second.guid)).returncode == 0
        await scene.github.settle()
    assert scene.again() == [first.guid, second.guid]


async def test_a_webhook_is_looked_for_only_until_it_is_found(scene: Scene) -> None:
    """The log may have thousands of pages, and what somebody wants again is seldom old; GUIDs are typed in any case."""
    await scene.labelled()
    wanted = scene.log[-1]
    scene.log[:0] = [replace(wanted, id=number, guid=f"guid-{number}", headers={}) for number in range(1, 251)]
    calls = len(scene.github.calls)
    assert (await aidp(scene, "replay", wanted.guid.upper())).returncode == 0
    asked = [call.method for call in scene.github.calls[calls:] if call.path.startswith("/app/hook/")]
    assert asked == ["GET", "POST"]


async def test_an_unknown_webhook_is_told(scene: Scene) -> None:
    """It says what was not found, and where to look."""
    refused = await aidp(scene, "replay", UNKNOWN)
    assert refused.returncode == 1
    assert f"GitHub can not deliver {UNKNOWN} again" in refused.stderr
    assert "aidp deliveries list" in refused.stderr


async def test_a_machine_that_github_can_not_reach_pulls(scene: Scene) -> None:
    """What the log has goes through the same door, and the label gets its answer."""
    number = await scene.labelled()
    label = scene.log[-1].guid
    pulled = await aidp(scene, "pull")
    assert pulled.returncode == 0, pulled.stderr
    assert f"{label}  issues.labeled: taken" in pulled.stdout
    assert await until(lambda: [it for it in scene.story.comments(number) if "write" in it])


@pytest.mark.parametrize(
    ("text", "span"), [("90s", MINUTE * 1.5), ("10m", 10 * MINUTE), ("2h", 2 * HOUR), ("3d", 3 * DAY)]
)
def test_how_far_back_is_said_as_people_do(text: str, span: timedelta) -> None:
    """A number and a unit."""
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["", "soon", "-5m", "5", "m", "1w", "1.5h", "٣d", "9999999d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The answer shows how it is written."""
    with pytest.raises(typer.BadParameter, match="30s, 10m, 2h or 3d"):
        parse_span(text)


@pytest.mark.parametrize("text", ["", "abc", "-1", "1.5", "٣", "guid-1", f"{UNKNOWN}0", f" {UNKNOWN}", "9" * 21])
def test_what_is_no_webhook_is_refused(text: str) -> None:
    """The answer shows where there is one to copy."""
    with pytest.raises(typer.BadParameter, match="aidp deliveries list"):
        parse_name(text)


@pytest.mark.parametrize(
    ("arguments", "changes", "told"),
    [
        (("list",), {"AIDP_GITHUB_APP_ID": ""}, "AIDP_GITHUB_APP_ID is not set"),
        (("list",), {"AIDP_GITHUB_APP_ID": "4242"}, "GitHub knows no App with this id"),
        (("list",), {"AIDP_GITHUB_API_URL": "http://127.0.0.1:9"}, "GitHub did not answer"),
        (("replay", "abc"), {"AIDP_GITHUB_API_URL": "http://127.0.0.1:9"}, "neither an id nor a GUID"),
        (("pull",), {"AIDP_GITHUB_API_URL": "http://127.0.0.1:9"}, "GitHub did not answer"),
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
