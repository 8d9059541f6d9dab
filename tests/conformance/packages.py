"""GitHub's own words, by npm: its API description, its GraphQL schema, and webhooks as it sent them."""

import json
import os
import subprocess
from pathlib import Path
from shutil import which

PACKAGES = {
    "@octokit/openapi": "23.0.2",
    "@octokit/graphql-schema": "15.26.1",
    "@octokit/webhooks-examples": "7.6.1",
}
"""The only place where their versions are written."""
DESCRIPTION = "@octokit/openapi/generated/api.github.com.json"
EXAMPLES = "@octokit/webhooks-examples/api.github.com/index.json"


class PackagesError(Exception):
    """GitHub's description is not to be had; the text says what to do."""


def folder() -> Path:
    """Name the folder that keeps the packages, outside of the checkout; other versions have another."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "aidp" / "conformance" / "-".join(PACKAGES.values())


def find(file: str) -> Path | None:
    """Find a file of a package that was installed before."""
    path = folder() / "node_modules" / file
    return path if path.exists() else None


def missing() -> list[str]:
    """Name what is not installed, as npm wants it."""
    return [f"{name}@{version}" for name, version in PACKAGES.items() if _installed(name) != version]


def install() -> None:
    """Install what is missing."""
    npm = which("npm")
    if npm is None:
        raise PackagesError("npm is not installed. GitHub's API description comes through it: install Node.js first.")
    folder().mkdir(parents=True, exist_ok=True)
    options = ["--prefix", str(folder()), "--save-exact", "--no-audit", "--no-fund", "--ignore-scripts"]
    if subprocess.run([npm, "install", "--loglevel=error", *options, *missing()], check=False).returncode:
        raise PackagesError("npm could not install GitHub's API description. What it says is above.")


def graphql_problems(operations: list[dict[str, object]]) -> list[list[str]]:
    """Say of each GraphQL operation and its answer what GitHub would not understand."""
    script = Path(__file__).with_name("graphql.mjs")
    answer = subprocess.run(
        ["node", str(script), str(folder())],
        input=json.dumps(operations),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)


def _installed(name: str) -> str | None:
    manifest = find(f"{name}/package.json")
    return json.loads(manifest.read_text())["version"] if manifest else None
