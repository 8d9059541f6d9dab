"""Reads RSpec."""

import re

from activities.checks.reading.model import Output, Reading, by_name

TALLY = re.compile(r"^(\d+ examples?, \d+ failures?.*)$", re.MULTILINE)
NAMED = re.compile(r"^rspec (\S.*)$", re.MULTILINE)


def read_rspec(output: Output) -> Reading | None:
    """Read the tally and the list of commands that run a failed example again."""
    tallies = output.find(TALLY)
    if not tallies:
        return None
    return Reading(tallies[-1], by_name(output.find(NAMED)))
