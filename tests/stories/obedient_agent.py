"""An agent that does whatever the issue says: lines after `@run 1`, `@run 2`, ... are its shell script in that run.

The last script also serves every later run. To a question it answers with what the script after `@plan`,
`@verification`, `@review` or `@breakdown` prints (the last one when it plans again), which has the prompt as its input;
without any it has nothing to ask and nothing to object. After `@cost` stands what each answer costs. It obeys whoever
wrote the issue, so what it must not reach, no agent can.
"""

import re
import subprocess
import sys
from pathlib import Path

FALLBACK = Path("obey.txt")
"""What to do when the prompt does not say it."""
BLOCK = r"^@{word}\n(.*?)(?=^@\w+)"
QUESTIONS = {
    "## What to plan": ("plan", '{"summary": "Do what it says.", "tasks": [{"title": "Do it"}]}'),
    "## What to find out": ("verification", '{"unmet": []}'),
    "## What to review": ("review", '{"summary": "Fine.", "findings": []}'),
    "## What to break down": ("breakdown", '{"summary": "One part.", "parts": []}'),
}


def main() -> None:
    """Read the prompt, and answer it or do what it says."""
    prompt = sys.stdin.read()
    for heading, (word, usual) in QUESTIONS.items():
        if f"\n{heading}\n" in prompt:
            return _answer(prompt, word, usual)
    return _work(prompt)


def _answer(prompt: str, word: str, usual: str) -> None:
    """Give the answer whose turn it is."""
    scripts = re.findall(BLOCK.format(word=word), prompt, re.MULTILINE | re.DOTALL)
    again = "## What was planned and answered before" in prompt
    answer = _printed(scripts[-1] if again else scripts[0], prompt) if scripts else usual
    sys.stdout.write(f"Here it is.\n\n```json\n{answer.strip()}\n```\n\nSTATUS: COMPLETE\n")
    if cost := re.search(r"^@cost (\S+)$", prompt, re.MULTILINE):
        sys.stdout.write(f'AIDP-USAGE: {{"cost_usd": {cost[1]}}}\n')


def _printed(script: str, prompt: str) -> str:
    return subprocess.run(["sh", "-e", "-c", script], input=prompt, text=True, capture_output=True, check=True).stdout


def _work(prompt: str) -> None:
    """Run this run's script, and say what it says."""
    if "@run 1" not in prompt and FALLBACK.exists():
        prompt += FALLBACK.read_text()
    run = re.search(r"This is run (\d+) of", prompt)
    scripts = re.findall(r"^@run (\d+)\n(.*?)(?=^@run |^@end$)", prompt, re.MULTILINE | re.DOTALL)
    now = int(run[1]) if run else 1
    script = [text for number, text in scripts if int(number) <= now][-1]
    finished = subprocess.run(["sh", "-e"], input=script, text=True, capture_output=True, check=False)
    sys.stdout.write(finished.stdout)
    sys.stderr.write(finished.stderr)
    sys.exit(finished.returncode)


if __name__ == "__main__":
    main()
