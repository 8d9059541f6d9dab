"""What a finished agent CLI left behind is read as what it was, whatever its exit status says."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import BY_NAME, Recording, recorded

from activities.agents import PROVIDERS
from activities.agents.provider import AgentError, Answer, Provider
from activities.process import Ended, Finished
from workflows.model import Failure, Usage

DONE = "DONE. Task completed."
CLAUDE_DONE = Answer(DONE, Usage(200, 40, 0.0016), "claude-opus-5-5")
STOPPED = 143

ANSWERS = {
    Recording("claude", "cjson"): CLAUDE_DONE,
    Recording("claude", "sbx"): CLAUDE_DONE,
    Recording("codex", "cx"): Answer("All done.\n\nSTATUS: COMPLETE", Usage(200, 40)),
    Recording("gemini", "gem"): Answer(DONE, Usage(200, 40), "stub"),
    Recording("qwen", "qw"): Answer(DONE, Usage(200, 40), "stub"),
    Recording("qwen", "qwnoperm"): Answer(DONE, Usage(300, 60), "stub"),  # was offered no tool; the empty diff tells
    Recording("copilot", "cop"): Answer(DONE, model="gpt-5"),
    Recording("opencode", "oc"): Answer(DONE, Usage(200, 40, 0.0)),
    Recording("aider", "aid"): Answer(
        "hello.txt\n\n```diff\n@@ -0,0 +1 @@\n+hello from the stub\n```", Usage(100, 20), "openai/stub"
    ),
    Recording("mini-swe-agent", "mini"): Answer(
        "```\nprintf 'hello from the stub\\n' > /repo/hello.txt\n```"
        "\n\n```\necho COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n```",
        Usage(cost_usd=0.0),
    ),
}

ERRORS = {
    Recording("claude", "cnoperm"): (Failure.PERMANENT, "it was denied Write"),
    Recording("claude", "ctext"): (Failure.PERMANENT, "exit status 0 and no result"),
    Recording("claude", "cturns", 1): (Failure.PERMANENT, "Reached maximum number of turns (3)"),
    Recording("claude", "cbudget", 1): (Failure.PERMANENT, "Reached maximum budget ($0.003)"),
    Recording("claude", "cbypass", 1): (Failure.CONFIGURATION, "cannot be used with root/sudo privileges"),
    Recording("claude", "e400", 1): (Failure.QUOTA_EXHAUSTED, "Credit balance is too low"),
    Recording("claude", "e401", 1): (Failure.AUTH_EXPIRED, "Invalid API key"),
    Recording("claude", "e403", 1): (Failure.AUTH_EXPIRED, "Failed to authenticate"),
    Recording("claude", "e429", 1): (Failure.RATE_LIMITED, "Request rejected (429)"),
    Recording("claude", "e500", 1): (Failure.TRANSIENT, "500 Internal server error"),
    Recording("claude", "e503", 1): (Failure.TRANSIENT, "503 unavailable"),
    Recording("claude", "e529", 1): (Failure.TRANSIENT, "529 Overloaded"),
    Recording("claude", "r0_529", 1): (Failure.TRANSIENT, "529 Overloaded"),
    Recording("claude", "default_retries_529", 1): (Failure.TRANSIENT, "Repeated 529 Overloaded errors"),
    Recording("claude", "egarbage", 1): (Failure.TRANSIENT, "empty or malformed response"),
    Recording("claude", "refused", 1): (Failure.TRANSIENT, "ECONNREFUSED"),
    Recording("claude", "hang", 1): (Failure.TRANSIENT, "Request timed out"),
    Recording("claude", "chunk", STOPPED, Ended.IDLE): (Failure.TIMEOUT, "printed nothing for too long, 12 s in"),
    Recording("codex", "cx401", 1): (Failure.AUTH_EXPIRED, "unexpected status 401 Unauthorized"),
    Recording("codex", "cx403", 1): (Failure.AUTH_EXPIRED, "unexpected status 403 Forbidden"),
    Recording("codex", "cx429", 1): (Failure.RATE_LIMITED, "last status: 429 Too Many Requests"),
    Recording("codex", "cx500", 1): (Failure.TRANSIENT, "experiencing high demand"),
    Recording("codex", "cx503", 1): (Failure.TRANSIENT, "503 Service Unavailable"),
    Recording("codex", "cxchunk", 1): (Failure.TRANSIENT, "idle timeout waiting for SSE"),
    Recording("codex", "cxgarbage", 1): (Failure.TRANSIENT, "stream closed before response.completed"),
    Recording("codex", "cxhang", STOPPED, Ended.WALL_TIME): (Failure.TIMEOUT, "it was not done after 12 s"),
    Recording("gemini", "gem401", 145): (Failure.AUTH_EXPIRED, "Incorrect API key provided"),
    Recording("gemini", "gem429", STOPPED, Ended.IDLE): (Failure.RATE_LIMITED, "Attempt 4 failed with status 429"),
    Recording("gemini", "gem500", STOPPED, Ended.IDLE): (Failure.TRANSIENT, "Attempt 4 failed with status 500"),
    Recording("gemini", "gemnoperm"): (Failure.PERMANENT, "no result"),
    Recording("qwen", "qw401", 1): (Failure.AUTH_EXPIRED, "401 Incorrect API key provided"),
    Recording("qwen", "qw429", STOPPED, Ended.IDLE): (Failure.RATE_LIMITED, "429 Rate limit reached for requests"),
    Recording("qwen", "qw500", STOPPED, Ended.WALL_TIME): (Failure.TIMEOUT, "it was not done after 12 s"),
    Recording("qwen", "qwturn", 53): (Failure.PERMANENT, "it reached its limit of turns"),
    Recording("copilot", "cop401", 1): (Failure.AUTH_EXPIRED, "Authentication failed with provider"),
    Recording("copilot", "cop429", 1): (Failure.RATE_LIMITED, "429 Rate limit reached"),
    Recording("copilot", "cop500", 1): (Failure.TRANSIENT, "500 The server had an error"),
    Recording("copilot", "copnoperm"): (Failure.PERMANENT, "it was denied a tool"),
    Recording("opencode", "oc401", 1): (Failure.AUTH_EXPIRED, "Incorrect API key provided"),
    Recording("opencode", "oc429", 1): (Failure.RATE_LIMITED, "Rate limit reached for requests (retry-after: 1)"),
    Recording("opencode", "oc500", STOPPED, Ended.IDLE): (Failure.TIMEOUT, "printed nothing for too long"),
    Recording("aider", "aid401"): (Failure.AUTH_EXPIRED, "not able to authenticate you"),
    Recording("aider", "aid429", STOPPED, Ended.WALL_TIME): (Failure.RATE_LIMITED, "Rate limit reached for requests"),
    Recording("aider", "aid500", STOPPED, Ended.WALL_TIME): (Failure.TRANSIENT, "servers are down or overloaded"),
    Recording("mini-swe-agent", "mini401", 1): (Failure.AUTH_EXPIRED, "Incorrect API key provided"),
}


@pytest.mark.parametrize(("recording", "answer"), ANSWERS.items(), ids=lambda value: getattr(value, "id", ""))
def test_a_good_run_gives_its_answer(recording: Recording, answer: Answer) -> None:
    """The answer, the model and everything that was used come out of a successful run."""
    assert BY_NAME[recording.provider].read(recording.finished()) == answer


@pytest.mark.parametrize(("recording", "expected"), ERRORS.items(), ids=lambda value: getattr(value, "id", ""))
def test_a_bad_run_gives_its_reason(recording: Recording, expected: tuple[Failure, str]) -> None:
    """A run that did not end well names the kind of its failure, and says in words what the CLI complained of."""
    failure, words = expected
    with pytest.raises(AgentError) as caught:
        BY_NAME[recording.provider].read(recording.finished())
    assert caught.value.failure is failure
    assert words in caught.value.message
    assert caught.value.message.startswith(f"{recording.provider} ")


def test_every_recording_is_read() -> None:
    """No recorded run is left out of the two tables."""
    assert {recording.id for recording in (*ANSWERS, *ERRORS)} == recorded()


def test_the_wait_that_the_api_asked_for_is_kept() -> None:
    """A `retry-after` of the model's API comes out in seconds."""
    with pytest.raises(AgentError) as caught:
        BY_NAME["opencode"].read(Recording("opencode", "oc429", 1).finished())
    assert caught.value.retry_after == 1.0


@pytest.mark.parametrize(
    ("recording", "model"),
    [
        (Recording("claude", "cbudget", 1), "claude-opus-5-5"),
        (Recording("claude", "e401", 1), "claude-opus-5-5"),  # answered by nobody, which it calls `<synthetic>`
        (Recording("claude", "chunk", STOPPED, Ended.IDLE), "claude-opus-5-5"),
        (Recording("qwen", "qw429", STOPPED, Ended.IDLE), "stub"),
        (Recording("copilot", "cop500", 1), "gpt-5"),
        (Recording("aider", "aid429", STOPPED, Ended.WALL_TIME), "openai/stub"),
        (Recording("codex", "cx500", 1), ""),
        (Recording("opencode", "oc429", 1), ""),
        (Recording("mini-swe-agent", "mini401", 1), ""),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_a_bad_run_has_a_model_too(recording: Recording, model: str) -> None:
    """What failed is priced and shown like what went well: by the model it tells, if it tells any."""
    assert BY_NAME[recording.provider].model(recording.finished()) == model


@pytest.mark.parametrize(
    ("recording", "one", "several"),
    [
        (
            Recording("claude", "cjson"),
            b'"modelUsage":{',
            b'"modelUsage":{"claude-haiku-5":{"inputTokens":9000,"outputTokens":39},',
        ),
        (Recording("gemini", "gem"), b'"models":{', b'"models":{"gemini-2.5-flash":{"output_tokens":39},'),
        (
            Recording("qwen", "qw"),
            b'{"type":"result"',
            b'{"type":"assistant","message":{"model":"qwen3-small","usage":{"output_tokens":39}}}\n{"type":"result"',
        ),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_of_several_models_the_one_that_wrote_the_most_counts(recording: Recording, one: bytes, several: bytes) -> None:
    """A small model that summarises or searches on the side does not stand for the run, unless it did the work."""
    whole, provider = recording.finished(), BY_NAME[recording.provider]
    aside = dataclasses.replace(whole, stdout=whole.stdout.replace(one, several))
    assert provider.model(aside) == provider.model(whole)
    busy = dataclasses.replace(whole, stdout=whole.stdout.replace(one, several.replace(b"39}", b"41}")))
    assert "small" in provider.model(busy).replace("haiku", "small").replace("flash", "small")


def test_the_main_model_of_an_aider_counts() -> None:
    """With a second model for its commit messages it says so, in other words."""
    whole = Recording("aider", "aid").finished()
    two = whole.stdout.replace(
        b"Model: openai/stub with whole edit format", b"Main model: opus with diff edit format\nWeak model: haiku"
    )
    assert BY_NAME["aider"].read(dataclasses.replace(whole, stdout=two)).model == "opus"


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.profile.name)
def test_a_missing_program_is_a_matter_of_configuration(provider: Provider) -> None:
    """Whoever reads the error learns how to install the program."""
    with pytest.raises(AgentError, match="is not installed") as caught:
        provider.read(Finished(Ended.EXITED, 127, b"", b"", 0.1))
    assert caught.value.failure is Failure.CONFIGURATION
    assert provider.profile.install in caught.value.message


@pytest.mark.parametrize("provider", PROVIDERS[:-1], ids=lambda provider: provider.profile.name)
def test_a_killed_agent_can_be_tried_again(provider: Provider) -> None:
    """When the kernel kills a silent agent for its memory, that is nobody's mistake."""
    with pytest.raises(AgentError, match="SIGKILL") as caught:
        provider.read(Finished(Ended.EXITED, 137, b"", b"", 0.1))
    assert caught.value.failure is Failure.TRANSIENT


@given(code=st.sampled_from([0, 1, 2, 41, 53, 143]), output=st.binary(max_size=300), errors=st.binary(max_size=300))
@pytest.mark.parametrize("provider", PROVIDERS[:-1], ids=lambda provider: provider.profile.name)
def test_noise_is_never_a_success(provider: Provider, code: int, output: bytes, errors: bytes) -> None:
    """Whatever bytes a CLI prints, without its result there is an error with a kind, and nothing else is raised."""
    with pytest.raises(AgentError):
        provider.read(Finished(Ended.EXITED, code, output, errors, 1.0))


@given(cut=st.floats(0, 0.95), code=st.sampled_from([0, 1, 137]))
@pytest.mark.parametrize("recording", ANSWERS, ids=lambda recording: recording.id)
def test_a_run_that_lost_its_end_is_never_a_success(recording: Recording, cut: float, code: int) -> None:
    """An output that breaks off before the result is an error, with exit status 0 as well."""
    whole = recording.finished()
    keep = int(len(whole.stdout.rstrip()) * cut)
    broken = dataclasses.replace(whole, exit_code=code, stdout=whole.stdout[:keep])
    if recording.provider == "aider" and b"Tokens:" in broken.stdout:
        return  # what aider prints after its model's last word is of no weight
    with pytest.raises(AgentError):
        BY_NAME[recording.provider].read(broken)


@pytest.mark.parametrize("recording", ANSWERS, ids=lambda recording: recording.id)
def test_a_good_answer_with_a_bad_exit_status_is_no_success(recording: Recording) -> None:
    """Exit status and output must agree."""
    with pytest.raises(AgentError):
        BY_NAME[recording.provider].read(dataclasses.replace(recording.finished(), exit_code=1))


def test_the_transcript_of_a_good_run_may_speak_of_errors() -> None:
    """An agent that works on rate limits and 401s is not taken for one that suffers from them."""
    talk = "litellm.RateLimitError: 429, 401 Unauthorized, credit balance too low. STATUS: COMPLETE"
    for recording in ANSWERS:
        whole = recording.finished()
        said = whole.stdout.replace(DONE.encode(), talk.encode())
        BY_NAME[recording.provider].read(dataclasses.replace(whole, stdout=said))


def test_a_codex_that_reconnected_is_a_success() -> None:
    """An error event that was overcome does not spoil the run."""
    whole = Recording("codex", "cx").finished()
    hiccup = b'{"type":"error","message":"Reconnecting... 1/5 (stream disconnected)"}\n'
    assert BY_NAME["codex"].read(dataclasses.replace(whole, stdout=hiccup + whole.stdout)).usage == Usage(200, 40)


def test_a_claude_without_a_terminal_reason_is_no_success() -> None:
    """`success` alone is not believed."""
    whole = Recording("claude", "cjson").finished()
    for reason in (b'"aborted"', b"null"):
        said = whole.stdout.replace(b'"terminal_reason":"completed"', b'"terminal_reason":' + reason)
        assert said != whole.stdout
        with pytest.raises(AgentError, match=r"terminal reason|aborted"):
            BY_NAME["claude"].read(dataclasses.replace(whole, stdout=said))
