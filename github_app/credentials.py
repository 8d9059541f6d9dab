"""What counts as a usable webhook secret and private key. The texts never show the value."""

import re
import string
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SHORTEST_SECRET = 16
SMALLEST_KEY = 2048  # bits; what GitHub generates

WORDS = (
    "abc", "admin", "aidp", "app", "bar", "change", "default", "demo", "dev", "development", "dummy", "example",
    "fixme", "foo", "github", "here", "hook", "hunter", "insert", "it", "key", "letmein", "local", "me", "my",
    "pass", "password", "placeholder", "please", "production", "qwerty", "replace", "sample", "secret", "some",
    "super", "temp", "test", "testing", "the", "this", "to", "todo", "token", "top", "value", "very", "web", "with",
    "word", "x", "your",
)  # fmt: skip
OF_WELL_KNOWN_WORDS = re.compile(f"(?:{'|'.join(WORDS)})+")
REPETITION = re.compile(r"(.{1,8}?)\1+.{0,7}", re.DOTALL)
SEQUENCES = (string.digits * 8, string.ascii_lowercase * 4, "qwertyuiopasdfghjklzxcvbnm" * 4)


def check_webhook_secret(secret: str) -> str:
    """Return the secret, or raise `ValueError` if somebody could guess it."""
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"is shorter than {SHORTEST_SECRET} characters")
    letters = re.sub(r"[^a-z]", "", secret.lower())
    if OF_WELL_KNOWN_WORDS.fullmatch(letters):
        raise ValueError("is made of well-known words")
    if REPETITION.fullmatch(secret) or any(secret.lower() in sequence for sequence in SEQUENCES):
        raise ValueError("is a repetition or a sequence")
    return secret


def read_private_key(value: str) -> str:
    """Return the key as PEM text, given it, or its file; raise `ValueError` if it is not an RSA private key."""
    pem = value.replace("\\n", "\n") if "-----BEGIN" in value else _read_file(value)
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:  # TypeError: the key has a password
        raise ValueError("does not hold a PEM private key without a password") from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < SMALLEST_KEY:
        raise ValueError(f"is not an RSA key of at least {SMALLEST_KEY} bits")
    return pem


def _read_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="ascii")
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: ~nobody; ValueError: not text, or a NUL
        raise ValueError("is neither PEM text nor a file that can be read") from error
