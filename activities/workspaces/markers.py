"""Conflict markers: those that a merge of ours left, and those that somebody's own merge brought."""

import re
from collections.abc import Sequence

from activities.workspaces.blobs import contents, sizes, smallest
from activities.workspaces.git import Git

OURS = re.compile(rb"^(?:<{7}|\|{7}|>{7}) [0-9a-f]{40,64}(?::.*)?\r?$", re.MULTILINE)
"""Our merges name commits by their whole id, which no example in a document does."""
OPENING, MIDDLE, CLOSING = b"<<<<<<< ", b"=======", b">>>>>>> "
SEARCHED_BYTES = 32_000_000


def has_ours(content: bytes) -> bool:
    """Whether a marker of our own merge is left, be it only one of the three."""
    return OURS.search(content) is not None


def conflicts(content: bytes) -> list[bytes]:
    """List the first lines of whole conflicts: an opening, a middle and a closing marker in this order."""
    found, opening, half = list[bytes](), b"", False
    if OPENING not in content:
        return found
    for line in content.splitlines():
        if line.startswith(OPENING):
            opening, half = line, False
        elif line == MIDDLE and opening:
            half = True
        elif line.startswith(CLOSING) and half:
            found.append(opening)
            opening, half = b"", False
    return found


async def unresolved(git: Git, tree: str, paths: Sequence[str]) -> list[str]:
    """List those of the paths in which markers of our own merge are left."""
    if not paths:
        return []
    listed = (await git.output("ls-tree", "-z", "--full-tree", tree, "--", *paths)).split(b"\0")
    entries = [(entry.partition(b"\t")[2].decode(errors="replace"), entry.split()) for entry in listed if entry]
    ids = {path: words[2].decode() for path, words in entries if words[1] == b"blob"}
    small = smallest(await sizes(git, ids.values()), SEARCHED_BYTES) if ids else frozenset[str]()
    read = await contents(git, sorted(small)) if small else {}
    return [path for path, name in ids.items() if name not in read or has_ours(read[name])]
