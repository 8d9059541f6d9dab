"""Write a bare repository with one commit, as plain files: no process, so a repository is there at once."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[gc]
\tauto = 0
[http]
\treceivepack = true
[receive]
\tautogc = false
\thideRefs = refs/pull
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""

Tree = dict[str, "bytes | Tree"]


@dataclass(frozen=True, slots=True)
class FirstCommit:
    """The content a repository begins with."""

    files: Mapping[str, str | bytes]
    branch: str
    author: str
    time: datetime


def write_repository(path: Path, first: FirstCommit) -> str:
    """Create the bare repository and return the id of its first commit."""
    for folder in ("objects", "refs/heads", "refs/tags"):
        (path / folder).mkdir(parents=True)
    (path / "config").write_text(CONFIG)
    (path / "HEAD").write_text(f"ref: refs/heads/{first.branch}\n")
    tree = _write_tree(path, _tree_of(first.files))
    who = f"{first.author} <{first.author}@users.noreply.github.local> {int(first.time.timestamp())} +0000"
    text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nFirst commit\n"
    commit = _write_object(path, "commit", text.encode())
    ref = path / "refs/heads" / first.branch
    ref.parent.mkdir(parents=True, exist_ok=True)
    ref.write_text(commit + "\n")
    return commit


def _tree_of(files: Mapping[str, str | bytes]) -> Tree:
    root: Tree = {}
    for name, content in files.items():
        *folders, last = name.split("/")
        folder = root
        for part in folders:
            inner = folder.setdefault(part, {})
            if isinstance(inner, bytes):
                raise TypeError(f"{name}: {part} is a file as well as a folder")
            folder = inner
        folder[last] = content.encode() if isinstance(content, str) else content
    return root


def _write_tree(path: Path, tree: Tree) -> str:
    entries: list[tuple[str, bytes]] = []
    for name, content in tree.items():
        if isinstance(content, bytes):
            mode = mode_of(content)
            entries.append((name, _entry(mode, name, _write_object(path, "blob", content))))
        else:
            entries.append((name + "/", _entry("40000", name, _write_tree(path, content))))
    return _write_object(path, "tree", b"".join(entry for _, entry in sorted(entries)))


def mode_of(content: bytes) -> str:
    """Return a file's git mode: a script is executable."""
    return "100755" if content.startswith(b"#!") else "100644"


def _entry(mode: str, name: str, sha: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(sha)


def _write_object(path: Path, kind: str, content: bytes) -> str:
    data = f"{kind} {len(content)}\0".encode() + content
    sha = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    file = path / "objects" / sha[:2] / sha[2:]
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(zlib.compress(data))
    return sha
