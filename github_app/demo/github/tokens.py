"""Who is asking: the App with its signed JWT, or an installation with a token that the App was given."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt

from github_app.demo.github.model import LEVELS, Installation, Repository, Token
from github_app.demo.github.world import RefusedError, World

TOKEN_LIFE = timedelta(hours=1)
JWT_LIFE_SECONDS = 600
JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+")
UNREADABLE = RefusedError(401, "A JSON web token could not be decoded")
NOT_NUMERIC = (
    "'Expiration time' claim ('exp') must be a numeric value"
    " representing the future time at which the assertion expires"
)
TOO_FAR = "'Expiration time' claim ('exp') is too far in the future"
NOT_ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"


def account_of(installation_id: int) -> str:
    """Name the account of an installation's calls."""
    return f"installation {installation_id}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request proved; nothing, when it had no `Authorization`."""

    app: bool = False
    token: Token | None = None

    @property
    def actor(self) -> str:
        """The word for it in the log of calls."""
        return "app" if self.app else "installation" if self.token else ""

    @property
    def account(self) -> str:
        """Whose calls are counted: each installation has its own limit."""
        return account_of(self.token.installation_id) if self.token else self.actor

    @property
    def permissions(self) -> Mapping[str, str]:
        """What the token may do."""
        return self.token.permissions if self.token else {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token is asked to be limited to; empty means everything that the installation has."""

    repositories: frozenset[int] = frozenset()
    permissions: Mapping[str, str] = field(default_factory=dict[str, str])


def check(world: World, authorization: str) -> Credentials:
    """Find out who sent an `Authorization` header, or refuse it."""
    match = re.fullmatch(r"(?:bearer|token) (\S+)", authorization, re.IGNORECASE)
    if not match:
        raise RefusedError(401, "Requires authentication")
    value = match[1]
    if JWT.fullmatch(value):
        _check_jwt(world, value)
        return Credentials(app=True)
    return Credentials(token=find(world, value))


def find(world: World, value: str) -> Token:
    """Find a token that is still good."""
    token = world.tokens.get(value)
    if not token or token.expires_at <= world.now():
        raise RefusedError(401, "Bad credentials")
    refuse_suspended(world.installations.get(token.installation_id))
    return token


def refuse_suspended(installation: Installation | None) -> None:
    """Refuse what has been uninstalled, or is not to be used for now."""
    if not installation:
        raise RefusedError(401, "Bad credentials")
    if installation.suspended_at:
        raise RefusedError(403, "This installation has been suspended")


def _check_jwt(world: World, value: str) -> None:
    claims, now = _decode(world, value), world.now().timestamp()
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int) or expires <= now:
        raise RefusedError(401, NOT_NUMERIC)
    if expires > now + JWT_LIFE_SECONDS:
        raise RefusedError(401, TOO_FAR)
    if not isinstance(issued, int) or issued > now + 1:  # the clock here is cut to whole seconds
        raise RefusedError(401, NOT_ISSUED)
    if str(claims.get("iss")) not in (str(world.app.id), f"Iv1.{world.app.id:016x}"):
        raise RefusedError(404, "Integration not found")


def _decode(world: World, value: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            value,
            world.public_key,
            algorithms=["RS256"],
            # the times are checked against this GitHub's own clock
            options={"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_iss": False},
        )
    except jwt.InvalidTokenError as error:
        raise UNREADABLE from error


def issue_token(world: World, installation: Installation, wanted: Wanted) -> Token:
    """Make an installation token, no wider than the installation."""
    if not wanted.repositories <= installation.repository_ids:
        text = "There is at least one repository that does not exist or is not accessible to the parent installation."
        raise RefusedError(422, text)
    for name, level in wanted.permissions.items():
        granted = installation.permissions.get(name, "none")
        if level not in LEVELS or LEVELS.index(level) > LEVELS.index(granted):
            raise RefusedError(422, "The permissions requested are not granted to this installation.")
    permissions = dict(wanted.permissions) | {"metadata": "read"} if wanted.permissions else installation.permissions
    token = Token(
        value=f"ghs_{secrets.token_hex(18)}",
        installation_id=installation.id,
        repository_ids=wanted.repositories or installation.repository_ids,
        permissions=permissions,
        expires_at=world.now() + TOKEN_LIFE,
        narrowed=bool(wanted.repositories),
    )
    world.tokens[token.value] = token
    return token


def reaches(world: World, token: Token, repository: Repository) -> bool:
    """Whether a token opens a repository: also one added since, unless the token was narrowed."""
    installation = world.installations[token.installation_id]
    allowed = token.repository_ids if token.narrowed else installation.repository_ids
    return repository.id in allowed & installation.repository_ids
