"""`python -m github_app.demo.github --port 8700 --root DIR --app-file app.json`: the local GitHub by itself."""

import argparse
import asyncio
import json
from pathlib import Path

from github_app.demo.github import AppRegistration, LocalGitHub
from github_app.demo.github.faults import FaultPlan, FaultPlanError, read_plan


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A small GitHub on loopback, driven through /_local/.")
    parser.add_argument("--port", type=int, default=8700)
    parser.add_argument("--root", type=Path, required=True, help="folder for the bare repositories")
    parser.add_argument("--app-file", type=Path, required=True, help="JSON with the fields of the App's registration")
    parser.add_argument("--faults", type=Path, help="JSON with a plan of what is to go wrong")
    options = parser.parse_args()
    github = LocalGitHub(options.root, _app(options.app_file))
    if options.faults:
        github.faults.follow(_plan(parser, options.faults))
    asyncio.run(_serve(github, options.port))


def _plan(parser: argparse.ArgumentParser, file: Path) -> FaultPlan:
    try:
        return read_plan(file.read_bytes())
    except (OSError, FaultPlanError) as error:
        parser.error(f"{file}: {error}")


def _app(file: Path) -> AppRegistration:
    values = json.loads(file.read_text())
    return AppRegistration(**values | {"events": tuple(values.get("events", ()))})


async def _serve(github: LocalGitHub, port: int) -> None:
    async with github.serve(port=port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()
