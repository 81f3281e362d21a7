"""Celery tasks whose progress Playhead shows. docs/track.md describes how to run them.

`fingerprint` gets its tracker from the decorator, and is retried by Celery if the file is not there yet. `fingerprint_all`
makes its own, for many items.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any, Callable, Dict, List

from celery import Celery
from playhead import BatchProgressTracker, current, tracked

CHUNK_BYTES = 1 << 20

broker = os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0")
app = Celery("tasks", broker=broker, backend=broker)
# A task whose worker is killed goes to another worker, and is shown as the next attempt of the same job.
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)


@app.task(bind=True, autoretry_for=(FileNotFoundError,), max_retries=5, default_retry_delay=1)
@tracked(project_id="demo", steps={"read": 0.9, "compare": 0.1})
def fingerprint(self: Any, path: str) -> Dict[str, Any]:
    """Returns the SHA-256 of a file."""
    tracker = current()
    tracker.step("read", 0, "Reading %s" % os.path.basename(path))
    size = os.path.getsize(path)
    found = digest(path, lambda done: tracker.step("read", done / max(size, done), "%d bytes" % done))
    tracker.step("compare", 0, "Comparing")
    return {"sha256": found, "bytes": size}


@app.task(bind=True)
def fingerprint_all(self: Any, paths: List[str]) -> List[str]:
    """Returns the SHA-256 of every file, and reports the progress of each."""
    with BatchProgressTracker(self, "demo", "fingerprints", total_items=len(paths)) as tracker:
        found = []
        for index, path in enumerate(paths):
            found.append(digest(path, lambda _: None))
            tracker.update_item(index, 1.0, message=os.path.basename(path))
        tracker.complete({"sha256": found})
        return found


def digest(path: str, told: Callable[[int], None]) -> str:
    """Returns the SHA-256 of a file, and reports how many bytes have been read."""
    hashed = hashlib.sha256()
    done = 0
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            hashed.update(chunk)
            done += len(chunk)
            told(done)
    return hashed.hexdigest()
