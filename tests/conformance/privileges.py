"""The App may do what it needs and no more: each token for one repository and one step, and a manifest of just that."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from judging import Violation, is_ours

Entry = Mapping[str, Any]
LEVELS = ("read", "write", "admin")
PUBLIC = {"metadata": "read"}
"""What every token may do; a step that needs nothing asks for this."""


def too_wide(entries: Iterable[Entry]) -> Iterator[Violation]:
    """Find tokens that open more than their step needs, and calls made with such a token."""
    for entry in entries:
        if not is_ours(entry) or entry["status"] >= 300:
            continue
        if entry["path"].endswith("/access_tokens"):
            yield from _minted(entry)
        elif entry["actor"] == "installation":
            yield from _used(entry)


def unused(entries: Iterable[Entry], manifest: Mapping[str, str]) -> Iterator[Violation]:
    """Find permissions of the manifest that nothing asked for, while everything was done that the App can do."""
    used = {need for entry in entries if entry["kind"] == "exchange" for need in _opened_by(entry)} | {"metadata:read"}
    for name, level in manifest.items():
        if f"{name}:{level}" not in used:
            yield Violation("manifest", f"{name}: {level}", "default_permissions", "nothing that was done needs it")


def unheard(entries: Iterable[Entry], events: Iterable[str]) -> Iterator[Violation]:
    """Find events of the manifest that were never sent, so that nothing shows what they are for."""
    sent = {entry["event"] for entry in entries if entry["kind"] == "webhook"}
    for event in events:
        if event not in sent:
            yield Violation("manifest", event, "default_events", "no story brought such a webhook")


def _minted(entry: Entry) -> Iterator[Violation]:
    asked: Entry = entry["body"] or {}
    repositories: list[int] = asked.get("repository_ids", [])
    permissions: Mapping[str, str] = asked.get("permissions", {})
    if len(repositories) != 1 and permissions != PUBLIC:
        yield _wide(entry, f"a token for {len(repositories) or 'all'} repositories", "repository_ids")
    if not permissions:
        yield _wide(entry, "a token that may do everything the App may")


def _used(entry: Entry) -> Iterator[Violation]:
    granted, needs = _beyond_public(entry["permissions"]), _levels(entry["needs"])
    several = entry["path"].endswith("/graphql")  # where GitHub wants two for one step
    if len(granted) > 1 and not several:
        yield _wide(entry, f"one permission is enough, the token has {', '.join(granted)}")
    for name in granted:
        if name not in needs:
            yield _wide(entry, f"needs {' or '.join(entry['needs']) or 'nothing'}, the token has {name}")


def _opened_by(entry: Entry) -> Iterator[str]:
    """Name the permissions that such a call was let in by, if its token had no other."""
    granted = _beyond_public(entry["permissions"])
    for name, level in _levels(entry["needs"]).items():
        enough = LEVELS.index(granted.get(name, "read")) >= LEVELS.index(level)
        if name in granted and enough and (is_ours(entry) or len(granted) == 1) and entry["status"] < 300:
            yield f"{name}:{level}"


def _levels(needs: Iterable[str]) -> dict[str, str]:
    return dict(need.split(":", 1) for need in needs if ":" in need)


def _beyond_public(permissions: Mapping[str, str]) -> dict[str, str]:
    return {name: level for name, level in permissions.items() if PUBLIC.get(name) != level}


def _wide(entry: Entry, says: str, where: str = "permissions") -> Violation:
    return Violation("token", f"{entry['method']} {entry['path']}", where, says)
