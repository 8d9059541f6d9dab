"""Every setting stands in the operator's table, with the parts that need it."""

import re
from pathlib import Path

import pytest

from github_app.settings import DoorSettings, ProcessSettings, UpSettings, WorkerSettings

OPERATING = Path(__file__).parents[2] / "docs/operating.md"
READ_BY: dict[str, type[ProcessSettings]] = {
    "`serve`": DoorSettings,
    "`decide`": WorkerSettings,
    "`agents`": WorkerSettings,
    "`up` alone": UpSettings,
    "all": ProcessSettings,
}


def needed_by() -> dict[str, list[str]]:
    """Read the table: each of our fields, and who needs it."""
    rows = (line.split(" | ") for line in OPERATING.read_text().splitlines() if line.startswith("| "))
    told = {name: row[1].split(", ") for row in rows for name in re.findall(r"`(AIDP_[A-Z_]+)`", row[0])}
    return {name.removeprefix("AIDP_").lower(): parts for name, parts in told.items()}


def test_the_table_has_every_setting_and_no_other() -> None:
    """Whoever reads it knows what can be set."""
    assert sorted(needed_by()) == sorted(UpSettings.model_fields)


@pytest.mark.parametrize("field", UpSettings.model_fields)
def test_who_is_said_to_need_a_setting_reads_it(field: str) -> None:
    """And what has no default is marked."""
    for part in needed_by()[field]:
        assert field in READ_BY[part].model_fields
    is_bold = f"**`AIDP_{field.upper()}`**" in OPERATING.read_text()
    assert is_bold is UpSettings.model_fields[field].is_required()


def test_the_defaults_are_the_real_ones() -> None:
    """What stands in brackets behind a name is what holds without it."""
    told = re.findall(r"`AIDP_([A-Z_]+)` \(`([^`]+)`\)", OPERATING.read_text())
    for name, value in told:
        default = UpSettings.model_fields[name.lower()].default
        assert value == str(default).strip("(',)").lower()
