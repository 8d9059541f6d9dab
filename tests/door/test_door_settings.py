"""Wrong settings are told all at once, in words to act on, without a secret; right ones are read as they are meant."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from pydantic import ValidationError

from github_app.settings import (
    DoorSettings,
    SettingsError,
    UpSettings,
    WorkerSettings,
    load,
    own_environment,
    temporal_environment,
)

GOOD_SECRET = "3f0c9a52e7d84b16"  # noqa: S105  # of a test
LEAK = "leak-this-7f3a9"


def pem(key: PrivateKeyTypes, encryption: KeySerializationEncryption | None = None) -> str:
    """Write a private key as GitHub does."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, encryption or NoEncryption()).decode()


@pytest.fixture(scope="module")
def key() -> str:
    """Make an App's private key."""
    return pem(rsa.generate_private_key(65537, 2048))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty directory, where no `.env` is."""
    monkeypatch.chdir(tmp_path)


def problems(kind: type[UpSettings | DoorSettings | WorkerSettings], values: dict[str, str]) -> str:
    """Load and return what is wrong."""
    with pytest.raises(SettingsError) as caught:
        load(kind, values)
    return str(caught.value)


def test_nothing_set_is_told_at_once() -> None:
    """One line for each thing to do, with what to set and how to come by it."""
    assert problems(UpSettings, {}).splitlines() == [
        "AIDP_GITHUB_APP_ID is not set. Set it to the App ID that the App's settings page shows.",
        (
            "AIDP_GITHUB_PRIVATE_KEY is not set. "
            "Set it to the private key (PEM) from the App's settings page, or the path of its file."
        ),
        (
            "AIDP_GITHUB_WEBHOOK_SECRET is not set. "
            "Set it to the App's webhook secret (old,new while you change it); make one with: openssl rand -hex 32."
        ),
    ]


def test_the_door_needs_one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else has a working default; several secrets stand beside each other while they change."""
    monkeypatch.setenv("AIDP_GITHUB_WEBHOOK_SECRET", f"{GOOD_SECRET}, {GOOD_SECRET[::-1]}")
    settings = load(DoorSettings)
    assert [secret.get_secret_value() for secret in settings.github_webhook_secret] == [GOOD_SECRET, GOOD_SECRET[::-1]]
    assert (settings.host, settings.port, settings.label_prefix) == ("127.0.0.1", 8080, "aidp-")
    assert settings.trusted_bots == frozenset()
    assert GOOD_SECRET not in repr(settings) + str(settings)
    assert not hasattr(settings, "github_private_key")


def test_the_worker_knows_no_webhook_secret(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process holds only what it needs."""
    monkeypatch.setenv("AIDP_GITHUB_WEBHOOK_SECRET", GOOD_SECRET)
    settings = load(WorkerSettings, {"AIDP_GITHUB_APP_ID": "7", "AIDP_GITHUB_PRIVATE_KEY": key})
    assert not hasattr(settings, "github_webhook_secret")
    assert settings.state_dir == Path.home() / ".aidp"
    assert (settings.agents, settings.github_api_url) == (("claude",), "https://api.github.com")
    assert key.splitlines()[1] not in repr(settings)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        ",",
        "development",
        "changeme",
        "short",
        "fifteen-chars-x",
        "developmentdevelopment",
        "your-secret-here",
        "Your_Webhook_Secret_Here",
        "secretsecretsecret",
        "password-password-123",
        "test-test-test-test",
        "webhook-secret-1",
        "change-me-please-2026",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "0123456701234567",
        "1234567890123456",
        "abcdefghijklmnop",
        "qwertyuiopasdfgh",
        f"{GOOD_SECRET},changeme",
    ],
)
def test_a_guessable_webhook_secret_is_refused(secret: str) -> None:
    """Missing, short, well-known or repeated: the door stays shut."""
    told = problems(DoorSettings, {"AIDP_GITHUB_WEBHOOK_SECRET": secret})
    assert told.startswith("AIDP_GITHUB_WEBHOOK_SECRET ")
    assert told.endswith("openssl rand -hex 32.")
    assert GOOD_SECRET not in told


def test_the_private_key_may_come_in_three_forms(key: str, tmp_path: Path) -> None:
    r"""As PEM, in one line with \n, or as a file."""
    (tmp_path / "app.pem").write_text(key)
    for value in (key, key.replace("\n", "\\n"), "app.pem", str(tmp_path / "app.pem")):
        settings = load(WorkerSettings, {"AIDP_GITHUB_APP_ID": "7", "AIDP_GITHUB_PRIVATE_KEY": value})
        assert settings.github_private_key.get_secret_value() == key


def test_only_a_strong_rsa_key_without_password_is_one(key: str, tmp_path: Path) -> None:
    """Everything else is told as what it is, and not shown."""
    (tmp_path / "binary.pem").write_bytes(bytes(range(256)))
    wrong = {
        "nowhere.pem": "is neither PEM text nor a file that can be read",
        "binary.pem": "is neither PEM text nor a file that can be read",
        str(tmp_path): "is neither PEM text nor a file that can be read",
        "~nobody-here/app.pem": "is neither PEM text nor a file that can be read",
        key.replace("A", "B"): "does not hold a PEM private key without a password",
        key[:400]: "does not hold a PEM private key without a password",
        pem(rsa.generate_private_key(65537, 2048), BestAvailableEncryption(b"pw")): "does not hold a PEM private key",
        pem(ec.generate_private_key(ec.SECP256R1())): "is not an RSA key of at least 2048 bits",
        pem(rsa.generate_private_key(65537, 1024)): "is not an RSA key of at least 2048 bits",  # noqa: S505  # it is refused
    }
    for value, told in wrong.items():
        text = problems(WorkerSettings, {"AIDP_GITHUB_APP_ID": "7", "AIDP_GITHUB_PRIVATE_KEY": value})
        assert text.startswith(f"AIDP_GITHUB_PRIVATE_KEY {told}")
        assert "MII" not in text


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AIDP_GITHUB_APP_ID", "abc"),
        ("AIDP_GITHUB_APP_ID", "0"),
        ("AIDP_PORT", "0"),
        ("AIDP_PORT", "65536"),
        ("AIDP_TRUSTED_BOTS", "dependabot[bot]"),
        ("AIDP_TRUSTED_BOTS", "1,-2"),
        ("AIDP_LABEL_PREFIX", "a label"),
        ("AIDP_LOG_FORMAT", "xml"),
        ("AIDP_GITHUB_API_URL", "http://github.example.com/api/v3"),
        ("AIDP_GITHUB_API_URL", "http://localhost.example.com"),
        ("AIDP_GITHUB_API_URL", "http://127.0.0.1.example.com"),
        ("AIDP_GITHUB_API_URL", "https://user:pw@example.com"),
        ("AIDP_GITHUB_API_URL", "ftp://example.com"),
        ("AIDP_GITHUB_URL", "github.com"),
        ("AIDP_GITHUB_URL", "https://"),
        ("AIDP_GITHUB_URL", "https://[example.com"),
        ("AIDP_AGENTS", ","),
        ("AIDP_AGENTS", "claude,../codex"),
        ("AIDP_AGENT_COMMAND", "agent 'unclosed"),
        ("AIDP_AGENT_ENV", "NAME=value"),
        ("AIDP_AGENT_ENV", "AIDP_GITHUB_PRIVATE_KEY"),
        ("AIDP_AGENT_ENV", "TEMPORAL_API_KEY"),
    ],
)
def test_a_wrong_value_is_told_by_its_variable(key: str, variable: str, value: str) -> None:
    """One line, which says what to set; the rest is fine."""
    good = {"AIDP_GITHUB_APP_ID": "7", "AIDP_GITHUB_PRIVATE_KEY": key, "AIDP_GITHUB_WEBHOOK_SECRET": GOOD_SECRET}
    told = problems(UpSettings, good | {variable: value}).splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"{variable} ")
    assert ". Set it to " in told[0]


def test_right_values_are_read_as_they_are_meant(key: str) -> None:
    """Lists have commas, a command line is split as a shell would, plain http is for this machine alone."""
    values: dict[str, Any] = {
        "AIDP_GITHUB_APP_ID": "7",
        "AIDP_GITHUB_PRIVATE_KEY": key,
        "AIDP_GITHUB_WEBHOOK_SECRET": GOOD_SECRET,
        "AIDP_GITHUB_API_URL": "http://127.0.0.1:3000/api/v3/",
        "AIDP_GITHUB_URL": "http://[::1]:3000",
        "AIDP_TRUSTED_BOTS": "49699333, 41898282",
        "AIDP_AGENTS": "codex,claude",
        "AIDP_AGENT_COMMAND": "my-agent --say 'hello world'",
        "AIDP_AGENT_ENV": "ANTHROPIC_API_KEY,HTTPS_PROXY",
        "AIDP_STATE_DIR": "state",
    }
    settings = load(UpSettings, values)
    assert (settings.github_api_url, settings.github_url) == ("http://127.0.0.1:3000/api/v3", "http://[::1]:3000")
    assert settings.trusted_bots == {49699333, 41898282}
    assert settings.agents == ("codex", "claude")
    assert settings.agent_command == ("my-agent", "--say", "hello world")
    assert settings.agent_env == ("ANTHROPIC_API_KEY", "HTTPS_PROXY")
    assert settings.state_dir == Path.cwd() / "state"


def test_a_misspelled_variable_is_named_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is almost ours is a slip, in the environment or in `.env`; what is not like ours is somebody else's."""
    monkeypatch.setenv("AIDP_GITHUB_WEBHOOKSECRET", LEAK)
    monkeypatch.setenv("AIDP_DEBUG", "1")
    Path(".env").write_text(f"AIDP_GITHUB_WEBHOOK_SECRET={GOOD_SECRET}\nAIDP_AGENT=codex\nOTHER=1\n")
    assert problems(DoorSettings, {}).splitlines() == [
        "AIDP_GITHUB_WEBHOOKSECRET is not a setting. Did you mean AIDP_GITHUB_WEBHOOK_SECRET?",
        "AIDP_AGENT is not a setting. Did you mean AIDP_AGENTS?",
    ]


def test_no_text_and_no_cause_shows_a_value() -> None:
    """Not even a traceback that somebody pastes into an issue."""
    with pytest.raises(SettingsError) as caught:
        load(UpSettings, {"AIDP_GITHUB_WEBHOOK_SECRET": "leak", "AIDP_GITHUB_PRIVATE_KEY": LEAK})
    assert caught.value.__cause__ is None
    assert "leak" not in str(caught.value)
    with pytest.raises(ValidationError) as refused:
        UpSettings.model_validate({"port": LEAK})
    assert "leak" not in str(refused.value)


def test_temporals_own_settings_come_with_what_was_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `temporalio.envconfig` reads is complete, and has nothing of ours."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal:7233")
    read = temporal_environment({"TEMPORAL_API_KEY": "k", "AIDP_GITHUB_WEBHOOK_SECRET": GOOD_SECRET})
    assert read == {"TEMPORAL_ADDRESS": "temporal:7233", "TEMPORAL_API_KEY": "k"}


def test_temporals_own_settings_may_stand_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """As ours: the environment comes first unless it is empty there, and the file's key gets into no environment."""
    Path(".env").write_text(
        "TEMPORAL_ADDRESS=in-file:7233\nTEMPORAL_NAMESPACE=in-file\nTEMPORAL_API_KEY=k\nTEMPORAL_PROFILE=\nOTHER=1\n"
    )
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "")
    in_file = {"TEMPORAL_NAMESPACE": "in-file", "TEMPORAL_API_KEY": "k"}
    assert temporal_environment({}) == {"TEMPORAL_ADDRESS": "temporal:7233", **in_file}
    assert "TEMPORAL_API_KEY" not in own_environment()
    assert temporal_environment({"TEMPORAL_API_KEY": "sealed"})["TEMPORAL_API_KEY"] == "sealed"
