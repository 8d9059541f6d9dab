"""Jobs without GitHub: work loops and workstreams on local repositories, started and steered from Python or a terminal.

client = AidpClient(await Client.connect("localhost:7233"))
job_id = await client.start_work_loop(Path("~/project").expanduser(), "add-format", "Write format.py ...")
await client.instruct(job_id, Instruction("Keep it small"))
result = await client.result(job_id)
"""

from github_app.jobs.client import AidpClient
from github_app.jobs.errors import InputError, JobError, NoWorkerError, RefusedError, UnknownJobError
from github_app.jobs.model import Job, JobFilter, JobState, JobStatus, Wishes, Workstreams

__all__ = [
    "AidpClient",
    "InputError",
    "Job",
    "JobError",
    "JobFilter",
    "JobState",
    "JobStatus",
    "NoWorkerError",
    "RefusedError",
    "UnknownJobError",
    "Wishes",
    "Workstreams",
]
