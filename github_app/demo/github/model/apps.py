"""The App, where it is installed, and the tokens it is given."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from github_app.demo.github.model.accounts import User

LEVELS = ("none", "read", "write", "admin")
"""Access levels of an App's permissions, weakest first."""


def new_private_key() -> str:
    """Make an RSA key as GitHub gives it to the owner of an App."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def public_key(pem: str) -> RSAPublicKey:
    """Return the half of an App's key that GitHub keeps."""
    key = load_pem_private_key(pem.encode(), password=None).public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("an App's key is an RSA key")
    return key


@dataclass(frozen=True, slots=True)
class AppRegistration:
    """A GitHub App as it was registered."""

    id: int
    slug: str
    name: str
    private_key_pem: str = field(default_factory=new_private_key, repr=False)
    webhook_secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    webhook_url: str = ""
    """Where webhooks go; empty for nowhere."""
    permissions: Mapping[str, str] = field(default_factory=dict[str, str])
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppManifest:
    """What somebody wants an App to be."""

    name: str
    webhook_url: str
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Installation:
    """The App on one owner's repositories."""

    id: int
    account: User
    repository_ids: frozenset[int]
    permissions: Mapping[str, str]
    created_at: datetime
    suspended_at: datetime | None = None
    suspended_by: User | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An installation access token: what it opens, and until when."""

    value: str = field(repr=False)
    installation_id: int
    repository_ids: frozenset[int]
    permissions: Mapping[str, str]
    expires_at: datetime
    narrowed: bool = False
    """Made for some of the installation's repositories."""

    def allows(self, need: str) -> bool:
        """Whether a need such as `issues:write` is covered."""
        name, level = need.split(":")
        granted = "read" if name == "metadata" else self.permissions.get(name, "none")
        return LEVELS.index(granted) >= LEVELS.index(level)
