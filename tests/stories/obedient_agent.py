"""An agent that does whatever the issue says: lines after `@run 1`, `@run 2`, ... are its shell script in that run.

The last script also serves every later run. It obeys whoever wrote the issue, so what it must not reach, no agent can.
"""

import re
import subprocess
import sys
from pathlib import Path

FALLBACK = Path("obey.txt")
"""What to do when the prompt does not say it."""


def main() -> None:
    """Read the prompt, find this run's script, run it, and say what it says."""
    prompt = sys.stdin.read()
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
