"""Answers git's question for a password, if it is asked for exactly the one place the token belongs to.

Run by git as `python -I -S askpass.py PROMPT`. A redirect or a rewritten URL makes git name another place, and that
one gets nothing.
"""

import os
import sys


def main(prompt: str) -> int:
    """Print the token and return 0, or return 1 so that git gives up."""
    if prompt != f"Password for '{os.environ['AIDP_GIT_ORIGIN']}': ":
        return 1
    sys.stdout.write(os.environ["AIDP_GIT_TOKEN"])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
