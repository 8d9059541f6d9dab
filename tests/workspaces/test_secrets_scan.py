"""Secrets: the shapes that are found, the shapes that only look like them, and files made to be slow."""

import base64
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from activities.workspaces.secrets_scan import added, find_secrets

LETTERS = "Zx8Kq3Vb7Nm2Lp5Wt9Rj4Hs6Gd1Fc0YaEuQ"
LONG = LETTERS * 4


def kinds(text: str | bytes) -> list[str]:
    """Name what is found."""
    return [str(finding) for finding in find_secrets(text.encode() if isinstance(text, str) else text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"url = https://x:ghs_{LONG[:36]}@github.com", "GitHub token"),
        ("AKIA" + "Q3EGRK2JWB7CMN5D", "AWS key id"),
        (f"github_pat_{LONG[:22]}_{LONG[:59]}", "GitHub token"),
        (f"aws_secret_access_key = {LONG[:40]}", "AWS secret key"),
        (f'"SecretAccessKey": "{LONG[:40]}"', "AWS secret key"),
        (f"xoxb-123456789012-{LONG[:24]}", "Slack token"),
        (f"https://hooks.slack.com/services/T{LONG[:9]}/B{LONG[:9]}/{LONG[:24]}", "Slack webhook"),
        (f"sk_live_{LONG[:24]}", "Stripe key"),
        (f"AIza{LONG[:35]}", "Google key"),
        (f"sk-proj-{LONG[:60]}T3BlbkFJ{LONG[:60]}", "OpenAI key"),
        (f"sk-ant-api03-{LONG[:93]}AA", "Anthropic key"),
        (f"sk-or-v1-{'0123456789abcdef' * 4}", "OpenRouter key"),
        (f"Authorization: Bearer eyJ{LONG[:30]}.eyJ{LONG[:50]}.{LONG[:43]}", "JSON Web Token"),
        (f"glpat-{LONG[:20]}", "GitLab token"),
        (f"//npm.example/:_authToken=npm_{LONG[:36]}", "npm token"),
        (f"pypi-AgEIcHlwaS5vcmc{LONG[:80]}", "PyPI token"),
    ],
)
def test_each_kind_is_found(text: str, kind: str) -> None:
    """Wherever in a line it stands, the kind and the line are told."""
    assert kinds(f"a\nb\n  x = '{text}'\nc\n") == [f"{kind}, line 3"]


PEMS = {
    "PKCS#1": f"-----BEGIN RSA PRIVATE KEY-----\n{LONG[:64]}\n{LONG[:9]}=\n",
    "PKCS#8": f"-----BEGIN PRIVATE KEY-----\r\n{LONG[:64]}\r\n",
    "EC": f"-----BEGIN EC PRIVATE KEY-----\n{LONG[:64]}\n",
    "OpenSSH": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{LONG[:70]}\n",
    "encrypted": f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{LONG[:64]}\n",
    "with headers": "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A0B\n\n"
    + LONG[:64],
    "PGP": f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\n{LONG[:64]}\n",
}


@pytest.mark.parametrize("pem", PEMS.values(), ids=PEMS.keys())
def test_private_keys_are_found_however_they_are_written(pem: str) -> None:
    """As a file, indented, as one line of JSON, and in base64: our App's key comes in all of these."""
    assert kinds(f"x\n{pem}") == ["private key, line 2"]
    assert kinds(pem.replace("\n", "\n    ")) == ["private key, line 1"]
    assert kinds(json.dumps({"key": pem})) == ["private key, line 1"]
    if "PGP" not in pem:
        assert kinds(base64.b64encode(pem.encode())) == ["private key in base64, line 1"]


def test_a_key_as_our_app_has_it_is_found() -> None:
    """A real key, made the way GitHub makes them."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert kinds(pem) == ["private key, line 1"]
    assert kinds(base64.b64encode(pem)) == ["private key in base64, line 1"]


@pytest.mark.parametrize(
    "text",
    [
        'if line == "-----BEGIN RSA PRIVATE KEY-----":',
        "-----BEGIN CERTIFICATE-----\n" + LONG[:64],
        base64.b64encode(f"-----BEGIN CERTIFICATE-----\n{LONG}".encode()).decode(),
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36,
        "sk_live_" + "0" * 24,
        "sk_test_" + LONG[:24],
        "sk-ant-your-key-here",
        "task-" + LONG + "T3BlbkFJ",
        f"sha256-{LONG}",
        "AWS_SECRET_ACCESS_KEY=${{ secrets.AWS }}",
        "eyJhbGciOiJIUzI1NiJ9",
    ],
)
def test_what_only_looks_like_a_secret_passes(text: str) -> None:
    """Examples, test keys, public parts and code that handles keys do not stop an agent."""
    assert kinds(text) == []


def test_only_new_lines_count() -> None:
    """A secret that was in the file before is not the agent's, wherever its line has moved."""
    old = f"a\nTOKEN=ghp_{LONG[:36]}\n".encode()
    new = b"\n\n" + old + f"NEW=ghp_{LONG[1:37]}\n".encode()
    assert added(find_secrets(new), old) == ("GitHub token, line 5",)
    assert len(added(find_secrets(new * 9), b"")) == 5


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_a_secret_is_found_in_any_company(before: bytes, after: bytes) -> None:
    """What stands around it neither hides it nor breaks the search, and what is told does not contain it."""
    token = f"ghp_{LONG[:36]}".encode()
    told = added(find_secrets(before + b"\n" + token + b"\n" + after), b"")
    assert f"GitHub token, line {before.count(bytes([10])) + 2}" in told
    assert all(token.decode() not in each for each in told)


@pytest.mark.parametrize(
    "unit",
    [
        b"-----BEGIN PRIVATE KEY-----\nProc-Type: a",
        b"eyJ",
        b"eyJaaaaaaaaaaaa.",
        b" sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        b"ghp_" + LONG[:36].encode(),
        b"secret_access_key=",
        b"LS0tLS1CRUdJTi",
        b"\n",
    ],
)
def test_no_file_is_slow_to_search(unit: bytes) -> None:
    """Text made to confuse the search takes no longer than other text."""
    content = unit * (2_000_000 // len(unit))
    started = time.process_time()
    find_secrets(content)
    assert time.process_time() - started < 1
