"""A payload, read with care: each reader returns what it promises or nothing, whatever the payload looks like."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from workflows.model import Actor, CommentRef, Item, Surface
from workflows.model.repositories import RepositoryAddress

LARGEST_ID = 2**53 - 1  # JSON numbers are exact up to here, in every language that may read them
TEXT_LENGTH = 256
COMMENT_LENGTH = 262_144  # GitHub takes 65,536 characters, and counts some of them as more than one
SUMMARY_LENGTH = 200
MARKDOWN = re.compile(r"[\\`*_\[\]<>|~!#]")
FULL_NAME = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)
OUR_BRANCHES = "aidp/"
"""Where our branches begin; a repository may want them to begin otherwise, which is not known here."""
SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DoorPolicy:
    """What the operator decided about who and what is heard."""

    label_prefix: str = "aidp-"
    trusted_bots: frozenset[int] = frozenset()
    """User ids of bots that are heard like people."""
    app_slug: str = "aidp"
    """The App's name in its address; people can speak to it as `@slug`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A webhook that is to be understood."""

    delivery_id: str
    payload: Payload
    policy: DoorPolicy = DoorPolicy()

    def text(self, *path: str) -> str | None:
        """Read a string of sensible length that any UTF-8 reader can take."""
        return self._string(path, TEXT_LENGTH)

    def number(self, *path: str) -> int | None:
        """Read an id or number of GitHub's: a positive integer; `true` is none."""
        value = _at(self.payload, path)
        return value if type(value) is int and 0 < value <= LARGEST_ID else None

    def sha(self, *path: str) -> str | None:
        """Read the name of a commit; the one of all zeros is none."""
        value = self.text(*path)
        return value if value and SHA.fullmatch(value) and value.strip("0") else None

    def listed(self, *path: str) -> "Iterator[Notice]":
        """Read a list, each entry as if it had come by itself; what is no object has nothing to read."""
        listed = _at(self.payload, path)
        for entry in cast("list[object]", listed) if isinstance(listed, list) else ():
            yield Notice(self.delivery_id, cast("Payload", entry) if isinstance(entry, dict) else {}, self.policy)

    @property
    def action(self) -> str:
        """What happened, in GitHub's word; empty for events that have only one meaning."""
        return self.text("action") or ""

    # --- where --------------------------------------------------------------------------------------------------------

    def item(self, noun: str) -> Item | None:
        """Read the address of the issue or pull request under `noun`."""
        where, number = self.repository(), self.number(noun, "number")
        return Item(where.installation_id, where.repository_id, number) if where and number else None

    def repository(self) -> RepositoryAddress | None:
        """Read the address of the repository."""
        installation, repository = self.number("installation", "id"), self.number("repository", "id")
        return RepositoryAddress(installation, repository) if installation and repository else None

    def repositories(self, field: str) -> Iterator[RepositoryAddress]:
        """Read the addresses in a list of repositories."""
        installation = self.number("installation", "id")
        for entry in self.listed(field):
            repository = entry.number("id")
            if installation and repository:
                yield RepositoryAddress(installation, repository)

    def summary(self, noun: str) -> str:
        """Name the item for people: `owner/repo#12 title`."""
        name = self.text("repository", "full_name") or ""
        place = name if FULL_NAME.fullmatch(name) else ""
        title = _one_line(self.text(noun, "title") or "")
        return f"{place}#{self.number(noun, 'number')} {title}".rstrip()[:SUMMARY_LENGTH]

    # --- who ----------------------------------------------------------------------------------------------------------

    def sender(self) -> Actor | None:
        """Read who did it, whoever that is."""
        identity, login = self.number("sender", "id"), self.text("sender", "login")
        return None if identity is None or login is None else Actor(identity, login)

    def trusted_sender(self) -> Actor | None:
        """Read who did it: a person or a bot that the operator trusts, but never we ourselves."""
        sender = self.sender()
        if not sender or self.is_our_name("sender", "login"):
            return None
        return sender if self.text("sender", "type") == "User" or sender.id in self.policy.trusted_bots else None

    def is_our_name(self, *path: str) -> bool:
        """Whether our App's bot is named here; no account can borrow that name, but any commit can."""
        return (self.text(*path) or "").casefold() == f"{self.policy.app_slug}[bot]".casefold()

    # --- what ---------------------------------------------------------------------------------------------------------

    def our_label(self) -> str | None:
        """Read the label, if it carries the operator's prefix; GitHub's labels ignore case."""
        label = self.text("label", "name")
        return label if self._is_ours(label) else None

    def carries_our_label(self, noun: str) -> bool:
        """Whether there is any such label on the issue or pull request under `noun`."""
        return any(self._is_ours(entry.text("name")) for entry in self.listed(noun, "labels"))

    def _is_ours(self, label: str | None) -> bool:
        return label is not None and label.casefold().startswith(self.policy.label_prefix.casefold())

    def comment(self, noun: str, item: Item, surface: Surface) -> CommentRef | None:
        """Read which comment was written, and remember what it said; one that says nothing is none."""
        identity, body = self.number(noun, "id"), self._string((noun, "body"), COMMENT_LENGTH)
        if not identity or not body:
            return None
        return CommentRef(item, identity, surface, hashlib.sha256(body.encode()).hexdigest())

    def may_command(self, noun: str) -> bool:
        """Whether a text under `noun` may hold a command; who reads it with care may find none."""
        body = self._string((noun, "body"), COMMENT_LENGTH) or ""
        name = rf"(?ai:/aidp|@{re.escape(self.policy.app_slug)}(?:\[bot\])?[,:]?)"
        return re.search(rf"(?:^|[\r\n])[^\S\r\n]*+{name}(?!\S)", body) is not None

    def _string(self, path: tuple[str, ...], longest: int) -> str | None:
        value = _at(self.payload, path)
        return value if isinstance(value, str) and len(value) <= longest and not _has_surrogates(value) else None


def _at(payload: Payload, path: tuple[str, ...]) -> object:
    value: object = payload
    for key in path:
        value = cast("Payload", value).get(key) if isinstance(value, dict) else None
    return value


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _one_line(text: str) -> str:
    """Make a stranger's text one line of plain Markdown; marks that turn the writing direction go too."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    return MARKDOWN.sub(r"\\\g<0>", " ".join(visible.split()))
