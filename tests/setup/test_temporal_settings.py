"""Your own Temporal: set in the environment or in `.env`, and what is wrong with it is told in words to act on."""

import asyncio
import shlex
import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from setup_scene import Terminal, aidp

from github_app.demo.github import AppRegistration
from github_app.demo.stage import free_port
from github_app.temporal import EmbeddedServer, TemporalUnavailableError, connect, embedded, profile_of

NOBODY = "127.0.0.1:9"
UP = ("up", "--no-github")
SECRET = "3f0c9a52e7d84b16"  # noqa: S105  # of a test
SEES_KEY = """
import os
from pathlib import Path
from github_app.settings import seal_environment, temporal_environment

print(temporal_environment(seal_environment()))
print(Path("/proc/self/environ").read_text(), os.popen("env").read())
"""


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[EmbeddedServer]:
    """Run the operator's own Temporal."""
    async with embedded(tmp_path_factory.mktemp("temporal"), free_port()) as server:
        yield server


@pytest.fixture
def github_settings(somebody_elses: AppRegistration) -> dict[str, str]:
    """Set what `work` and `serve` can not be without."""
    return {
        "AIDP_GITHUB_APP_ID": "1",
        "AIDP_GITHUB_PRIVATE_KEY": somebody_elses.private_key_pem,
        "AIDP_GITHUB_WEBHOOK_SECRET": SECRET,
        "AIDP_PORT": str(free_port()),
    }


async def told(terminal: Terminal) -> str:
    """Wait until the command gives up; returns what it says."""
    assert await terminal.end() in {1, 2}, terminal.text
    assert "Traceback" not in terminal.text
    return terminal.text


async def test_the_address_may_stand_in_the_file(tmp_path: Path) -> None:
    """No command brings a server along, or asks one nearby, when `.env` names one; the environment comes first."""
    (tmp_path / ".env").write_text(f"TEMPORAL_ADDRESS={NOBODY}\n")
    answer = f"No Temporal server answers at {NOBODY}. Check TEMPORAL_ADDRESS and that server."
    assert answer in await told(await aidp(tmp_path, *UP))
    assert answer in await told(await aidp(tmp_path, "jobs", "list"))
    elsewhere = await aidp(tmp_path, "jobs", "list", TEMPORAL_ADDRESS="127.0.0.1:10")
    assert "No Temporal server answers at 127.0.0.1:10." in await told(elsewhere)


async def test_a_server_that_says_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection, so nothing is refused; nobody waits for it for ever."""
    monkeypatch.setattr("github_app.temporal.ANSWER_SECONDS", 0.2)
    silent = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{silent.getsockname()[1]}"
    with (
        silent,
        pytest.raises(TemporalUnavailableError, match=f"Temporal at {address} has not answered .* that server"),
    ):
        await connect(profile_of({"TEMPORAL_ADDRESS": address}), tmp_path)


async def test_without_an_address_the_way_is_told(tmp_path: Path) -> None:
    """There is none to check, so a server is to be started or named."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state/temporal.address").write_text(NOBODY)
    said = await told(await aidp(tmp_path, "jobs", "list", AIDP_STATE_DIR="state"))
    assert f"answers at {NOBODY}. Start `aidp up`, or set TEMPORAL_ADDRESS to your own server." in said


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_key_in_the_file_gets_into_no_environment(tmp_path: Path) -> None:
    """Neither this process's nor a child's has it, whatever else was sealed."""
    (tmp_path / ".env").write_text("TEMPORAL_API_KEY=key-of-a-file\n")
    environment = {"PATH": "/usr/bin:/bin", "AIDP_GITHUB_WEBHOOK_SECRET": SECRET}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SEES_KEY, cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    read, _, environments = output.decode().partition("\n")
    assert read == "{'TEMPORAL_API_KEY': 'key-of-a-file'}"
    assert "PATH=" in environments
    assert "key-of-a-file" not in environments


@pytest.mark.parametrize("command", [UP, ("work",), ("serve",), ("jobs", "list")])
async def test_an_impossible_address_is_told(
    tmp_path: Path, github_settings: dict[str, str], command: tuple[str, ...]
) -> None:
    """By whichever command: in a line, with what to set. Nobody waits for it."""
    terminal = await aidp(tmp_path, *command, TEMPORAL_ADDRESS="127.0.0.1:99999", **github_settings)
    assert "TEMPORAL_ADDRESS can not be used: invalid target URL: invalid port number. Set it to" in await told(
        terminal
    )
    assert terminal.process.returncode == 2


@pytest.mark.parametrize(
    ("command", "variables", "text"),
    [
        (
            UP,
            {"TEMPORAL_PROFILE": "nope"},
            "can not be read: Profile 'nope' not found. Check TEMPORAL_PROFILE, TEMPORAL_CONFIG_FILE and that file.",
        ),
        (("jobs", "list"), {"TEMPORAL_CONFIG_FILE": "temporal.toml"}, "TOML parse error at line 1, column 9. Check"),
        (
            ("serve",),
            {"TEMPORAL_TLS_CLIENT_CERT_PATH": "/nonexistent", "TEMPORAL_TLS_CLIENT_KEY_PATH": "/nonexistent"},
            "/nonexistent can not be read (No such file or directory). Check TEMPORAL_TLS_CLIENT_CERT_PATH,",
        ),
        (
            ("work",),
            {"TEMPORAL_TLS_CLIENT_CERT_PATH": "/nonexistent"},
            "A client certificate needs its key. Set both TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY",
        ),
    ],
)
async def test_a_wrong_setting_is_told(
    tmp_path: Path, github_settings: dict[str, str], command: tuple[str, ...], variables: dict[str, str], text: str
) -> None:
    """Likewise, and without what a file with a key in it says."""
    (tmp_path / "temporal.toml").write_text("api_key key-of-a-file\n")
    terminal = await aidp(tmp_path, *command, **{"TEMPORAL_ADDRESS": NOBODY, **github_settings, **variables})
    assert text in await told(terminal)
    assert terminal.process.returncode == 2
    assert "key-of-a-file" not in terminal.text


async def test_a_worker_waits_for_the_namespace(
    tmp_path: Path, server: EmbeddedServer, github_settings: dict[str, str]
) -> None:
    """It says how to create it, and works once somebody does just that."""
    to_the_server = {"TEMPORAL_ADDRESS": server.address, "TEMPORAL_NAMESPACE": "nope"}
    terminal = await aidp(tmp_path, "work", "--role", "agents", **to_the_server, **github_settings)
    await terminal.until("Ctrl-C stops")
    said = terminal.text.partition("create it with: ")[2].partition(" Waiting")[0]
    assert f"Temporal at {server.address} has no namespace nope. Set TEMPORAL_NAMESPACE to one" in terminal.text
    program, *arguments = shlex.split(said)
    creating = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name(program), *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    assert await creating.wait() == 0
    await terminal.until("worker     host")
    assert await terminal.interrupt() == 0
    assert "Traceback" not in terminal.text


@pytest.mark.parametrize("command", [UP, ("jobs", "list")])
async def test_who_does_not_wait_gives_up_without_the_namespace(
    tmp_path: Path, server: EmbeddedServer, command: tuple[str, ...]
) -> None:
    """No such namespace, and no possible name: both in a line."""
    for name, text in (("nope-here", "has no namespace nope-here. Set"), ("n" * 2000, "Namespace length exceeds")):
        terminal = await aidp(tmp_path, *command, TEMPORAL_ADDRESS=server.address, TEMPORAL_NAMESPACE=name)
        assert text in await told(terminal)


async def test_the_door_says_that_it_waits(tmp_path: Path, github_settings: dict[str, str]) -> None:
    """It listens without Temporal, says so, and says when Temporal is there."""
    port = free_port()
    terminal = await aidp(tmp_path, "serve", TEMPORAL_ADDRESS=f"127.0.0.1:{port}", **github_settings)
    await terminal.until("Waiting for it, webhooks get 503 until then; Ctrl-C stops")
    (tmp_path / "server").mkdir()
    async with embedded(tmp_path / "server", port):
        await terminal.until(f"Temporal   127.0.0.1:{port}, namespace default")
        assert await terminal.interrupt() == 0


@pytest.mark.parametrize("command", ["serve", "work"])
async def test_who_waits_for_a_silent_server_can_be_stopped(
    tmp_path: Path, github_settings: dict[str, str], command: str
) -> None:
    """Ctrl-C ends it, too, while the connection neither comes about nor fails."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        terminal = await aidp(tmp_path, command, TEMPORAL_ADDRESS=address, **github_settings)
        connection, _ = await asyncio.get_running_loop().sock_accept(silent)
        with connection:
            assert await terminal.interrupt() == 0, terminal.text
