"""Why the queue is our own, and what it costs beside procrastinate: the page in docs (`make docs`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed import publish as speed

RESULTS = Path(__file__).with_name("results")

_INTRODUCTION = """\
# The queue: one module of ours, beside procrastinate

Nights, decisions on generations, Slack's events, reports, notices and syncs are all work that one process at a time
must have, and that another takes up should it die. [`db/store/queue.py`](../db/store/queue.py) is the one mechanism for
it: a claim in the row, numbered; signs of life; a claim that comes free when its owner died; what wakes who waits. Each
kind keeps its own table, since people read those rows: a night is a story, a decision has its outcome, an event is
known for a day.

| Kind | Table | Taken | Comes free | Given up after |
| --- | --- | --- | --- | --- |
| night | `retrain_run` | one at a time | with its owner's session | 3 deaths; a stop is none |
| decision | `decision_request` | one at a time | with its owner's session | 5 |
| event from Slack | `slack_event` | many, by who was sent it | 120 s after the last sign of life | 4 |
| report in Slack | `posted_report` | many, whatever nobody told of | 120 s after the last sign of life | 2 days |
| notice that a night is overdue | `overdue_notice` | once a matter | 120 s after the last sign of life | never |
| sync of a source | `source` | one at a time a source | with its owner's session | never |

## Why not procrastinate

It is the best of PostgreSQL's job queues for Python, and was tried first, at 3.10. It costs no latency, as the tables
below say. What it guarantees is another thing:

- **A job is forgotten as a key once it has begun.** `queueing_lock` refuses a second one while the first waits; Slack's
  second delivery of an event that is at work, or done, was stored again. What is known of events would stay a table of
  ours, and the claim on its rows a mechanism of ours.
- **Claims have no number.** A worker that was frozen, declared stalled and succeeded could still end the job: its
  `finish_job` marked its successor's as succeeded. Here who lost a claim can do nothing to it.
- **A killed worker's job stays `doing`** until a task of ours looks for stalled ones and retries them, at the earliest
  30 seconds later; the lock that keeps nights one at a time is held until then. A night is taken up here as soon as the
  session of its process is gone, and by nobody while that only is silent: the same `doing` can't say which it is.
- **The worker is an event loop that runs its jobs.** Nights run in a main thread, where a signal ends them in
  mid-training; questions run in the process that Slack spoke to, which streams the answer. Neither fetches jobs.
- Beside that: 18 functions, seven triggers, four tables and 38 migrations of its own beside Alembic's, a second pool of
  connections (psycopg-pool), and rows of events for each job, pruned by a join. Of our code only the waking would have
  gone.

APScheduler keeps the clock: its ticks ask the database which night is due.

## What it costs

By turns in one process on one embedded PostgreSQL, with `fsync`: an event stored, so that Slack may be told; an event
from its claim to its end, which procrastinate defers, fetches and finishes; a night from its request in one thread to
its beginning in another, which both wake by NOTIFY. The machine was busy with other work: the ratios tell more than
the times, and of them that a disk was waited for on both sides alike.

```sh
pip install procrastinate
python -m benchmarks.queue --json OUT
```
"""


def render_page(results: Sequence[dict[str, Any]]) -> str:
    """The page: why, then a section for each machine."""
    return speed.render_page(results, _INTRODUCTION)
