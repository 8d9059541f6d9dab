"""Agents do not try again by themselves where that can be switched off, and then fail at once, with the reason.

The outputs are those of gemini 0.61.0 and qwen 0.24.4 with these settings, against a model that answers with an error.
"""

import json
from pathlib import Path

import pytest

from activities.agents.gemini import Gemini
from activities.agents.provider import AgentError, AgentRun
from activities.agents.qwen import Qwen
from activities.process import Ended, Finished
from workflows.model import Failure

LIMITED = (
    "[API Error: Rate limit reached for requests]\nPlease wait and try again later. To increase your limits, request a "
    "quota increase through AI Studio, or switch to another /auth method"
)
BROKEN = '[API Error: {"error":{"code":500,"message":"The model stumbled","status":"INTERNAL"}}]'
STDERR = (
    b"Attempt 1 failed: Max attempts reached\nError when talking to Gemini API Full report available at: /tmp/x.json "
    b"RetryableQuotaError: it failed\n    at main (file:///x.js:17627:5) {\n  cause: {\n    code: 429\n  }\n}\n"
)


@pytest.fixture
def run(tmp_path: Path) -> AgentRun:
    """Prepare a run."""
    prompt = tmp_path / "prompt.md"
    prompt.write_text("Say hi.")
    return AgentRun(tmp_path, prompt, tmp_path / "home")


def test_gemini_asks_once(run: AgentRun) -> None:
    """Neither retries nor updates: both settings are those its documentation names."""
    (settings,) = Gemini().invocation(run).files.values()
    assert json.loads(settings)["general"] == {"enableAutoUpdate": False, "maxAttempts": 1}


def test_qwen_does_not_wait_out_limits(run: AgentRun) -> None:
    """Its settings file goes before the person's, which stays as it is."""
    invocation = Qwen().invocation(run)
    settings = invocation.files[Path(invocation.env["QWEN_CODE_SYSTEM_SETTINGS_PATH"])]
    assert json.loads(settings)["model"]["generationConfig"] == {"maxRetries": 0}
    assert (run.home / ".qwen/settings.json") not in invocation.files


@pytest.mark.parametrize(
    ("message", "exit_code", "failure", "words"),
    [
        (LIMITED, 173, Failure.RATE_LIMITED, "Rate limit reached"),
        (BROKEN, 244, Failure.TRANSIENT, "The model stumbled"),
        ("[API Error: Come back another day]", 247, Failure.TRANSIENT, "Come back another day"),
        ('[API Error: {"error":{"code":401,"message":"Who are you?"}}]', 145, Failure.AUTH_EXPIRED, "Who are you"),
    ],
)
def test_a_gemini_that_gave_up_at_once_is_read(message: str, exit_code: int, failure: Failure, words: str) -> None:
    """Its exit code is the HTTP status, cut to a byte; its words are taken out of their frames."""
    result = {"type": "result", "status": "error", "error": {"type": "unknown", "message": message}}
    with pytest.raises(AgentError) as told:
        Gemini().read(Finished(Ended.EXITED, exit_code, json.dumps(result).encode(), STDERR, 2.0))
    assert told.value.failure is failure
    assert words in str(told.value)
    assert "API Error" not in str(told.value)
