"""How long `aidp up` takes until it says that it is ready, on a new state directory each time."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from bench_scene import Sizes
from figures import Figure

from github_app.demo.stage import Ports, registration

PART = "start-up"
AIDP = Path(sys.executable).with_name("aidp")
PATIENCE_SECONDS = 60
READY = "ready"


def measure(sizes: Sizes, directory: Path) -> list[Figure]:
    """Start it several times, with and without GitHub."""
    app = registration("")
    github = {
        "AIDP_GITHUB_APP_ID": str(app.id),
        "AIDP_GITHUB_PRIVATE_KEY": app.private_key_pem,
        "AIDP_GITHUB_WEBHOOK_SECRET": app.webhook_secret,
    }
    how = f"median of {sizes.starts}, process start to “{READY}”"
    starts = [directory / f"start-{number}" for number in range(sizes.starts)]
    alone = [_seconds(("up", "--no-github"), {}, start / "alone") for start in starts]
    both = [_seconds(("up",), github, start / "github") for start in starts]
    return [
        Figure(PART, "aidp up --no-github", median(alone), "s", note=how),
        Figure(PART, "aidp up", median(both), "s", note=how),
    ]


def _seconds(arguments: tuple[str, ...], settings: Mapping[str, str], directory: Path) -> float:
    directory.mkdir(parents=True)
    log, env = directory / "log", {**_environment(directory), **settings}
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen((AIDP, *arguments), env=env, cwd=directory, stdout=output, stderr=output)
    try:
        while READY not in log.read_text():
            _check(process, log, time.perf_counter() - began)
            time.sleep(0.01)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _check(process: "subprocess.Popen[bytes]", log: Path, seconds: float) -> None:
    if process.poll() is not None or seconds > PATIENCE_SECONDS:
        raise RuntimeError(f"`aidp up` did not come up: {log.read_text()}")


def _environment(directory: Path) -> dict[str, str]:
    ports = Ports()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "AIDP_STATE_DIR": str(directory / "state"),
        "AIDP_PORT": str(ports.door),
        "AIDP_TEMPORAL_PORT": str(ports.temporal),
        "TEMPORAL_CONFIG_FILE": "/nonexistent",
    }
