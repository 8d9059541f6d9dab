"""Events of whole repositories, and of the App's installations on them."""

from collections.abc import Iterable, Mapping
from itertools import islice
from types import MappingProxyType

from github_app.events.hints import Hint, to_repository
from github_app.events.notice import Notice
from workflows.model.repositories import Change, RepositoryAddress, RepositoryChange

AT_ONCE = 100
"""An installation may cover thousands; GitHub hangs up after ten seconds, and reconciliation finds the others."""
OF_REPOSITORY: Mapping[str, Change] = MappingProxyType(
    {
        "renamed": Change.RENAMED,
        "transferred": Change.TRANSFERRED,
        "archived": Change.ARCHIVED,
        "unarchived": Change.UNARCHIVED,
        "publicized": Change.PUBLICIZED,
        "privatized": Change.PRIVATIZED,
        "deleted": Change.DELETED,
    }
)
OF_INSTALLATION: Mapping[str, Change] = MappingProxyType(
    {
        "created": Change.ADDED,
        "deleted": Change.REMOVED,
        "suspend": Change.SUSPENDED,
        "unsuspend": Change.UNSUSPENDED,
        "new_permissions_accepted": Change.PERMISSIONS,
    }
)


def repository(notice: Notice) -> tuple[Hint, ...]:
    """Read `repository`: it moved, was put away, or is shown to others than before."""
    where, change = notice.repository(), OF_REPOSITORY.get(notice.action)
    return _about(notice, change, (where,)) if where and change else ()


def installation(notice: Notice) -> tuple[Hint, ...]:
    """Read `installation`: the App was installed somewhere, or is not welcome there any more."""
    change = OF_INSTALLATION.get(notice.action)
    return _about(notice, change, notice.repositories("repositories")) if change else ()


def installation_repositories(notice: Notice) -> tuple[Hint, ...]:
    """Read `installation_repositories`: the App can reach more repositories, or fewer."""
    added = _about(notice, Change.ADDED, notice.repositories("repositories_added"))
    removed = _about(notice, Change.REMOVED, notice.repositories("repositories_removed"))
    return (*added, *removed)[:AT_ONCE]


def _about(notice: Notice, change: Change, addresses: Iterable[RepositoryAddress]) -> tuple[Hint, ...]:
    sender = notice.sender()
    if not sender:
        return ()
    changes = (RepositoryChange(notice.delivery_id, change, address, sender) for address in addresses)
    return tuple(to_repository(change) for change in islice(changes, AT_ONCE))
