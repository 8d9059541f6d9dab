"""The command line answers soon: a command imports what it runs, and waits for nothing else."""

import subprocess
import sys

LOADED = "import sys, github_app.cli; print(*sys.modules)"
OF_OTHERS = {"githubkit", "httpx", "starlette", "uvicorn", "jinja2", "activities.github", "github_app.worker"}


def test_no_command_waits_for_the_parts_of_another() -> None:
    """Before it is known which command it is, neither the GitHub client is there, nor the door, nor a worker."""
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout
    assert OF_OTHERS & set(loaded.split()) == set()
