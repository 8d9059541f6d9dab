"""Globs as guards read them: `*` and `?` stay within a folder, `**` crosses folders, all else is itself. Pure.

A glob is matched against the whole path, in its own case; `docs/**` is the folder `docs` and all that is in it, and
`docs/` is short for that. Brackets are plain: `app/[id]/page.tsx` is a path people have.
"""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

FOLDERS = "**"
"""A part of its own between slashes: any number of folders, also none."""
WILD = frozenset("*?")
LONGEST = 200
NOWHERE = ("", ".", "..")
"""Steps that no path of a repository has."""


def can_match(glob: str) -> bool:
    """Whether any path of a repository could match: they begin at its root, without a slash or a dot."""
    return glob.isprintable() and len(glob) <= LONGEST and not any(step in NOWHERE for step in glob.split("/"))


def as_meant(glob: str) -> tuple[str, ...]:
    """Read what a person wrote in passing: who names `secrets` may mean a file, or a folder with all that is in it."""
    return (glob,) if WILD & set(glob.rpartition("/")[2]) else (glob, f"{glob}/{FOLDERS}")


def first_match(globs: Iterable[str], path: str) -> str:
    """Return the first glob that the path matches, or an empty string."""
    parts = path.split("/")
    return next((glob for glob in globs if _fit(_parts(glob), parts, _matches)), "")


def covers(outer: str, inner: str) -> bool:
    """Whether certainly every path that `inner` matches is matched by `outer`; in doubt it is not."""
    return _fit(_parts(outer), _parts(inner), _covers)


def covered(glob: str, by: Iterable[str]) -> bool:
    """Whether one of the globs certainly covers this one."""
    return any(covers(outer, glob) for outer in by)


def _parts(glob: str) -> list[str]:
    *folders, last = glob.split("/")
    return [*folders, last or FOLDERS]


def _fit(glob: list[str], path: list[str], fits: Callable[[str, str], bool]) -> bool:
    """Lay the glob over the path; whatever cannot be laid goes to the last `**`, which takes as little as it can."""
    here = at = 0
    last_folders = -1
    retry = 0
    while at < len(path):
        part = glob[here] if here < len(glob) else None
        if part == FOLDERS:
            last_folders, retry = here, at
            here += 1
        elif part is not None and fits(part, path[at]):
            here, at = here + 1, at + 1
        elif last_folders >= 0:
            retry += 1
            here, at = last_folders + 1, retry
        else:
            return False
    return all(part == FOLDERS for part in glob[here:])


def _matches(part: str, name: str) -> bool:
    if WILD.isdisjoint(part):
        return part == name
    return fnmatchcase(name, part.replace("[", "[[]"))


def _covers(outer: str, inner: str) -> bool:
    """Compare two wild parts: a `*` of the inner one stands for many characters, so no `?` may take it."""
    if inner == FOLDERS:
        return False
    return outer == inner or (not ("*" in inner and "?" in outer) and _matches(outer, inner))
