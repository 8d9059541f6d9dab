"""A local GitHub with one repository, and a mailbox for its webhooks."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from local_scene import Mailbox, Scene

from github_app.demo.github import AppRegistration, LocalGitHub
from github_app.demo.github.serving import serving

WRITES = ("actions", "checks", "contents", "issues", "pull_requests", "statuses")
FILES = {"calc.py": "ONE = 1\n", "docs/a.md": "A\n"}
EVENTS = (
    *("check_run", "check_suite", "issue_comment", "issue_dependencies", "issues", "public", "pull_request"),
    *("pull_request_review", "pull_request_review_comment", "pull_request_review_thread", "push", "repository"),
    *("status", "sub_issues", "workflow_run"),
)


@pytest.fixture(scope="session")
def registration() -> AppRegistration:
    """Register an App with everything granted; its key is made once."""
    permissions = {"metadata": "read"} | dict.fromkeys(WRITES, "write")
    return AppRegistration(4711, "aidp", "aidp", permissions=permissions, events=EVENTS)


@pytest.fixture(scope="session")
def key(registration: AppRegistration) -> RSAPrivateKey:
    """Read the App's key."""
    found = load_pem_private_key(registration.private_key_pem.encode(), password=None)
    assert isinstance(found, RSAPrivateKey)
    return found


@pytest.fixture(scope="session")
async def door() -> AsyncIterator[tuple[Mailbox, str]]:
    """Serve one mailbox for all stories."""
    mailbox = Mailbox()
    async with serving(mailbox.asgi, "127.0.0.1", 0) as url:
        yield mailbox, f"{url}/webhook"


@pytest.fixture
def mailbox(door: tuple[Mailbox, str]) -> Mailbox:
    """Empty the mailbox."""
    door[0].letters.clear()
    door[0].status = 202
    return door[0]


@pytest.fixture
async def github(tmp_path: Path, registration: AppRegistration, door: tuple[Mailbox, str]) -> LocalGitHub:
    """Make a GitHub that writes to the mailbox."""
    github = LocalGitHub(tmp_path, registration)
    github.send_webhooks_to(door[1])
    return github


@pytest.fixture
async def scene(github: LocalGitHub, mailbox: Mailbox, key: RSAPrivateKey) -> AsyncIterator[Scene]:
    """Serve it with one repository and one issue."""
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loading the CAs would be the slowest part of most stories
    async with github.serve() as url:
        repo = github.add_repository("acme", "calc", files=FILES, ci="test -f calc.py")
        await github.create_issue(repo, "ada", "Divide", "By zero?")
        await github.settle()
        async with httpx.AsyncClient(base_url=url, verify=no_tls, trust_env=False) as http:
            yield Scene(github, repo, mailbox, http, key)
        await github.settle()
