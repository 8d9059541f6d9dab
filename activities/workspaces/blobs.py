"""Contents of git objects, many at once and never more of them than fits."""

from collections.abc import Iterable, Mapping

from activities.workspaces.git import Git


async def sizes(git: Git, ids: Iterable[str]) -> dict[str, int]:
    """Return how many bytes each object has."""
    lines = (await git.output("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=_lines(ids))).split(b"\n")
    pairs = [line.decode().split() for line in lines if line]
    return {name: int(size) for name, size in pairs}


async def contents(git: Git, ids: Iterable[str]) -> dict[str, bytes]:
    """Return what is in each object; the caller knows that they are not too large together."""
    output, found, at = await git.output("cat-file", "--batch", stdin=_lines(ids)), dict[str, bytes](), 0
    while at < len(output):
        end = output.index(b"\n", at)
        name, _, size = output[at:end].decode().split()
        at = end + 1 + int(size) + 1
        found[name] = output[end + 1 : at - 1]
    return found


def smallest(known: Mapping[str, int], room: int) -> frozenset[str]:
    """Choose the objects that fit into so many bytes, the smallest first."""
    chosen = list[str]()
    for name, size in sorted(known.items(), key=lambda entry: (entry[1], entry[0])):
        room -= size
        if room < 0:
            break
        chosen.append(name)
    return frozenset(chosen)


def _lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in ids).encode()
