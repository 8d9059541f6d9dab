"""Changing guards while work goes on: anybody who may steer may tighten them, only an admin may loosen them. Pure.

Whether one glob lies within another is answered with "no" in doubt. So the tightened guards may be stricter than
both, and are never looser than either.
"""

from workflows.globs import covered
from workflows.model import Guards

EVERYTHING = "**"

Globs = tuple[str, ...]


def tighten(current: Guards, wanted: Guards) -> Guards:
    """Combine two guards: what either refuses is refused, what either wants confirmed is confirmed."""
    common = _common(current.include, wanted.include)
    disjoint = bool(current.include and wanted.include and not common)
    exclude = _together(current.exclude, wanted.exclude)
    return Guards(
        include=common or _together(current.include or wanted.include, ()),
        exclude=_together(exclude, (EVERYTHING,)) if disjoint else exclude,  # an empty `include` would allow all
        confirm=_together(current.confirm, wanted.confirm),
        allow_protected=_common(current.allow_protected, wanted.allow_protected),
        max_changed_lines=_lower(current.max_changed_lines, wanted.max_changed_lines),
        max_file_bytes=_lower(current.max_file_bytes, wanted.max_file_bytes),
        keep_tests=current.keep_tests or wanted.keep_tests,
    )


def loosens(current: Guards, wanted: Guards) -> tuple[str, ...]:
    """Name the fields in which `wanted` would allow something that `current` does not."""
    looser = {
        "include": bool(current.include)
        and not (wanted.include and _all_covered(wanted.include, (*current.include, *wanted.exclude))),
        "exclude": not _all_covered(current.exclude, wanted.exclude),
        "confirm": not _all_covered(current.confirm, (*wanted.confirm, *wanted.exclude)),
        "allow_protected": not _all_covered(wanted.allow_protected, current.allow_protected),
        "max_changed_lines": _lower(current.max_changed_lines, wanted.max_changed_lines) != wanted.max_changed_lines,
        "max_file_bytes": _lower(current.max_file_bytes, wanted.max_file_bytes) != wanted.max_file_bytes,
        "keep_tests": current.keep_tests and not wanted.keep_tests,
    }
    return tuple(name for name, is_looser in looser.items() if is_looser)


def _common(some: Globs, others: Globs) -> Globs:
    """Keep of both those globs that lie within one of the other side."""
    return _together(
        tuple(glob for glob in some if covered(glob, others)),
        tuple(glob for glob in others if covered(glob, some)),
    )


def _together(some: Globs, others: Globs) -> Globs:
    return tuple(dict.fromkeys((*some, *others)))


def _all_covered(globs: Globs, by: Globs) -> bool:
    return all(covered(glob, by) for glob in globs)


def _lower(one: int | None, other: int | None) -> int | None:
    """Choose the stricter limit; `None` is no limit."""
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)
