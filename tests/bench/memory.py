"""How much memory a process takes, as Linux counts it."""

from pathlib import Path

PEAK_AGAIN = "5"  # what proc(5) takes for "count the peak from here"


def resident(pid: int) -> float:
    """Read what a process holds now, in MiB."""
    return _mebibytes(pid, "VmRSS")


def peak(pid: int) -> float:
    """Read the most it has held since it began, or since the peak was forgotten, in MiB."""
    return _mebibytes(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    """Count the peak from here."""
    Path(f"/proc/{pid}/clear_refs").write_text(PEAK_AGAIN)


def _mebibytes(pid: int, field: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))
