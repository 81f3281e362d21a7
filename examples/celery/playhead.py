"""Progress of Celery tasks and plain Python on a Playhead server.

A single file to copy. It needs Python 3.9 or later and the standard library; Celery only if you already use it.

    from playhead import ProgressTracker

    tracker = ProgressTracker(task=self, project_id=project_id, task_name="video_generation")
    tracker.update(0.1, "processing", "Starting …")
    tracker.complete({"result": "success"})

As a context manager it reports the ending by itself, and an exception as an error:

    with ProgressTracker(project_id="demo", task_name="nightly_report") as tracker:
        tracker.update(0.5, message="Half of it")

As a decorator it also creates the tracker, which the task gets with `current()`:

    @app.task(bind=True, autoretry_for=(ConnectionError,), max_retries=3)
    @tracked(project_id="demo")
    def transcode(self, path):
        current().update(0.1, message="Starting")

Guarantees:

- No call waits for the server: calls record what they are given, and one thread of the process sends it. Of several
  updates within 0.1 s the newest is sent; all jobs of the process share one request.
- While the server is unreachable the task goes on. Endings are kept for 10 minutes and sent when the server is back. A
  process that ends waits for up to 5 s, and then logs what could not be sent.
- A job cancelled in Playhead raises `Cancelled` at its next update, and its Celery task is revoked.
- The only exceptions raised here are `Cancelled`, and ValueError or TypeError for an invalid argument.

The server is PLAYHEAD_URL (default http://127.0.0.1:4000) and its key PLAYHEAD_TOKEN; `configure` sets both in code.
"""

from __future__ import annotations

import atexit
import contextvars
import functools
import json
import logging
import math
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union, cast

__all__ = ["BatchProgressTracker", "Cancelled", "ProgressTracker", "configure", "current", "flush", "tracked"]

log = logging.getLogger("playhead")

REPORT_INTERVAL_SECONDS = 0.1
"""The minimum time between two reports of one process, so each job is reported at most 10 times a second."""
HEARTBEAT_SECONDS = 5.0
"""How often a silent job is reported as alive. A cancellation reaches it within this time."""
KEEP_ENDINGS_SECONDS = 600.0
"""How long an ending is kept while the server is unreachable."""
EXIT_SECONDS = 5.0
"""How long a process that ends waits for reports that are still to be sent."""
REQUEST_SECONDS = 10.0
MAX_WAIT_SECONDS = 5.0
"""The longest pause between two attempts to reach the server."""
MAX_REPORTS = 100
"""The most reports in one request: with 16 KB of metadata in each, still below the server's limit for a body."""
AGAIN = frozenset({"UNAVAILABLE", "RATE_LIMITED", "INTERNAL"})
"""Error codes after which the same request may succeed."""

Json = Any
Function = TypeVar("Function", bound=Callable[..., Any])


class Cancelled(Exception):
    """The job was cancelled in Playhead, or another process has taken it over; the task should end."""


# --- The trackers ---------------------------------------------------------------------------------


class ProgressTracker:
    """One job on the server: an attempt at it begins now, and ends with `complete` or `error`.

    task: the bound Celery task (`self`), or None. Its id names the job, so that a retry is shown as the next attempt.
    project_id, task_name: as in the dashboard; if task_name is omitted, the task's own name.
    external_id: the job's name in the system that runs it; using the same name again begins the next attempt.
    title, job_input: what the dashboard shows; `job_input` may be anything that JSON can hold.
    steps: names with their relative shares, `{"load": 1, "encode": 8}`.
    lease_seconds: how long the job may be silent before it counts as lost (default 60).
    max_attempts: the maximum number of attempts; for a Celery task, its max_retries + 1 by default.
    revoke: whether a cancellation also revokes the Celery task and ends its process (default True).
    """

    def __init__(
        self,
        task: Any = None,
        project_id: str = "",
        task_name: str = "",
        *,
        external_id: Optional[str] = None,
        title: Optional[str] = None,
        job_input: Json = None,
        steps: Optional[Mapping[str, float]] = None,
        lease_seconds: int = 60,
        max_attempts: Optional[int] = None,
        revoke: bool = True,
    ) -> None:
        name = task_name or getattr(task, "name", "") or ""
        if not project_id or not name:
            raise ValueError("expected a project_id and a task_name, got %r and %r" % (project_id, name))
        request = getattr(task, "request", None)
        task_id = getattr(request, "id", None)
        if max_attempts is None and task is not None:
            max_attempts = _max_attempts(task)
        asked: Dict[str, Json] = {
            "projectId": project_id,
            "taskName": name,
            # Always set a name: it is needed to resume a lease that ended while the server was unreachable.
            "externalId": external_id or task_id or str(uuid.uuid4()),
            "title": title,
            "input": _plain(job_input),
            "steps": [{"name": step, "share": share} for step, share in steps.items()] if steps else None,
            "leaseSeconds": lease_seconds,
            "maxAttempts": max_attempts,
        }
        self._job = _Job({key: value for key, value in asked.items() if value is not None})
        if revoke and task is not None and task_id is not None:
            self._job.on_cancel = lambda: task.app.control.revoke(task_id, terminate=True)
        self._task = task
        self._ended = False
        _sender().add(self._job)

    @property
    def job_id(self) -> Optional[str]:
        """The job's id on the server, or None until the server has answered."""
        return self._job.job_id

    @property
    def cancelled(self) -> bool:
        """Whether the job was cancelled, or taken over by another process. Check it in long loops without updates."""
        return self._job.stop is not None

    def update(
        self,
        progress: float,
        status: str = "processing",
        message: Optional[str] = None,
        metadata: Optional[Mapping[str, Json]] = None,
    ) -> None:
        """Reports the job's progress.

        progress: 0..1 of the whole job; values outside are clamped. It never decreases within one attempt.
        status: a word of the task's own, which is kept in the metadata unless it is "processing".
        message: one line for people. metadata: anything that JSON can hold.
        Raises Cancelled if the job was cancelled.
        """
        shown = dict(metadata) if metadata is not None else {}
        if status != "processing":
            shown["status"] = status
        self._report(progress=_fraction(progress), message=_text(message), metadata=_plain(shown) if shown else None)

    def step(self, name: str, progress: float = 0.0, message: Optional[str] = None) -> None:
        """Reports the current step, one of `steps`, and its progress (0..1). Raises Cancelled if the job was cancelled."""
        self._report(step=str(name), stepProgress=_fraction(progress), message=_text(message))

    def preview(self, url: str, content_type: str) -> None:
        """Shows a picture or a sound of what is being made, given by its URL, until the next one or the end of the attempt.

        Raises Cancelled if the job was cancelled.
        """
        self._report(preview={"url": str(url), "contentType": str(content_type)})

    def error(
        self,
        error: Union[str, BaseException],
        details: Json = None,
        *,
        code: Optional[str] = None,
        will_retry: bool = False,
        retry_after_seconds: Optional[float] = None,
    ) -> None:
        """Ends this attempt as failed; `will_retry` announces that another will follow.

        code: capitals and underscores, for programs (default TASK_FAILED). details: anything that JSON can hold.
        Anything reported after the ending is dropped.
        """
        self._end(
            "reportError",
            error=str(error) or type(error).__name__,
            code=code,
            details=_plain(details),
            willRetry=will_retry,
            retryAfterSeconds=retry_after_seconds,
        )

    def complete(self, result: Json = None, artifacts: Optional[Sequence[Mapping[str, Json]]] = None) -> None:
        """Ends the job as completed.

        result: anything that JSON can hold.
        artifacts: files by link, `{"url": …, "contentType": …}` with `sizeBytes` and `name` if known.
        """
        files = [dict(artifact) for artifact in artifacts] if artifacts is not None else None
        self._end("reportCompletion", result=_plain(result), artifacts=files)

    def __enter__(self) -> "ProgressTracker":
        return self

    def __exit__(self, kind: Any, error: Optional[BaseException], trace: Any) -> None:
        if self._ended:
            return
        if error is None:
            self.complete()
        elif not isinstance(error, Cancelled):
            will_retry, seconds = _retry_of(self._task, error)
            cause = getattr(error, "exc", None) or error
            timed_out = type(error).__name__ in ("SoftTimeLimitExceeded", "TimeLimitExceeded")
            self.error(
                cause,
                {"type": type(cause).__name__},
                code="TIMED_OUT" if timed_out else None,
                will_retry=will_retry,
                retry_after_seconds=seconds,
            )

    def _report(self, **told: Json) -> None:
        if self._job.stop is not None:
            raise Cancelled("the job %s" % _REASONS.get(self._job.stop, "was stopped"))
        if not self._ended:
            _sender().report(self._job, {key: value for key, value in told.items() if value is not None})

    def _end(self, mutation: str, **told: Json) -> None:
        if not self._ended:
            self._ended = True
            _sender().end(self._job, mutation, {key: value for key, value in told.items() if value is not None})


_ITEM_ENDS = ("completed", "failed", "cancelled")


class BatchProgressTracker(ProgressTracker):
    """One job of many items, whose progress is the mean over them. Threads may share it."""

    def __init__(
        self, task: Any = None, project_id: str = "", task_name: str = "", *, total_items: int, **options: Any
    ) -> None:
        if total_items < 1:
            raise ValueError("expected at least 1 item, got total_items=%r" % total_items)
        self._items = [0.0] * total_items
        self._ends: Dict[int, str] = {}
        self._lock = threading.Lock()
        super().__init__(task, project_id, task_name, **options)

    def update_item(
        self, index: int, progress: float, status: str = "processing", message: Optional[str] = None
    ) -> None:
        """Reports the progress (0..1) of an item, by its index from 0. Raises Cancelled if the job was cancelled.

        status: "completed", "failed" and "cancelled" end the item, which then counts as 1; its later reports are dropped. At
        progress 1 it is completed.
        """
        if not 0 <= index < len(self._items):
            raise ValueError("expected an index from 0 to %d, got %r" % (len(self._items) - 1, index))
        fraction = _fraction(progress)
        with self._lock:
            if index in self._ends:
                return
            if fraction == 1 and status not in _ITEM_ENDS:
                status = "completed"
            if status in _ITEM_ENDS:
                self._ends[index] = status
                fraction = 1.0
            self._items[index] = max(self._items[index], fraction)
            mean = sum(self._items) / len(self._items)
            counts = self._counts()
        metadata = {"itemIndex": index, "itemStatus": status, **counts, "total": len(self._items)}
        text = None if message is None else "#%d %s" % (index + 1, message)
        self.update(mean, message=text, metadata=metadata)

    def complete(self, result: Json = None, artifacts: Optional[Sequence[Mapping[str, Json]]] = None) -> None:
        """Ends the job as completed. result: if omitted, the number of items per kind of ending."""
        if result is None:
            counts = self._counts()
            result = {"total": len(self._items), "succeeded": counts.pop("completed"), **counts}
        super().complete(result, artifacts)

    def _counts(self) -> Dict[str, int]:
        ends = list(self._ends.values())
        return {end: ends.count(end) for end in _ITEM_ENDS}


_current: "contextvars.ContextVar[Optional[ProgressTracker]]" = contextvars.ContextVar("playhead", default=None)


def current() -> ProgressTracker:
    """The tracker of the running `tracked` function. Raises LookupError outside of one."""
    tracker = _current.get()
    if tracker is None:
        raise LookupError("expected to be called within a function decorated with @tracked")
    return tracker


def tracked(
    project_id: Union[str, Callable[..., str]], task_name: str = "", **options: Any
) -> Callable[[Function], Function]:
    """Tracks every call of a function: its beginning, ending or failure.

    project_id: a project, or a function that returns it, given the call's arguments.
    task_name: if omitted, the name of the Celery task or of the function.
    options: those of ProgressTracker.
    On a Celery task, this goes below the task decorator, which needs bind=True. The task's result becomes the job's.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def run(*args: Any, **keywords: Any) -> Any:
            task = args[0] if args and hasattr(args[0], "request") and hasattr(args[0], "app") else None
            given = args[1:] if task is not None else args
            project = project_id(*given, **keywords) if callable(project_id) else project_id
            name = task_name or getattr(task, "name", None) or function.__name__
            with ProgressTracker(task, project, name, **options) as tracker:
                token = _current.set(tracker)
                try:
                    result = function(*args, **keywords)
                except Cancelled as stopped:
                    raise _ignored(task, stopped) from None
                finally:
                    _current.reset(token)
                tracker.complete(result)
                return result

        return cast(Function, run)

    return decorate


# --- What Celery knows of a task ------------------------------------------------------------------


def _max_attempts(task: Any) -> Optional[int]:
    retries = getattr(task, "retry_kwargs", None) or {}
    most = retries.get("max_retries", getattr(task, "max_retries", None))
    return int(most) + 1 if isinstance(most, int) else None


def _retry_of(task: Any, error: BaseException) -> Tuple[bool, Optional[float]]:
    """Whether Celery will run the task again after this exception, and after how many seconds if that is known.

    `self.retry()` raises Retry. The exceptions in `autoretry_for` become a Retry only above this function, so they are
    looked up.
    """
    if task is None:
        return False, None
    kind = type(error).__name__
    if kind == "Retry":
        when = getattr(error, "when", None)
        return True, float(when) if isinstance(when, (int, float)) else None
    if kind == "Reject":
        return bool(getattr(error, "requeue", False)), None
    again = tuple(getattr(task, "autoretry_for", ()) or ())
    never = tuple(getattr(task, "dont_autoretry_for", ()) or ())
    if not again or not isinstance(error, again) or isinstance(error, never):
        return False, None
    most = _max_attempts(task)
    return most is None or task.request.retries + 1 < most, None


def _ignored(task: Any, stopped: Cancelled) -> BaseException:
    """What a cancelled task raises: for Celery it is revoked, neither failed nor successful."""
    if task is None:
        return stopped
    from celery import states
    from celery.exceptions import Ignore

    task.update_state(state=states.REVOKED)
    return Ignore(str(stopped))


# --- Sending --------------------------------------------------------------------------------------


_REASONS = {"CANCELLED": "was cancelled", "LOST": "was taken over by another process, or its lease has ended"}


@dataclass(eq=False)
class _Job:
    """A job as the sender sees it. All fields are under the sender's lock."""

    asked: Dict[str, Json]
    track_key: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Identifies the attempt, so that a request repeated after a lost answer does not begin a second one."""
    job_id: Optional[str] = None
    lease: Optional[str] = None
    attempt: int = 0
    sequence: int = 0
    news: Dict[str, Json] = field(default_factory=dict)
    """What has been given since the last report, the newest of each kind."""
    ending: Optional[Tuple[str, Dict[str, Json]]] = None
    ended_at: float = 0.0
    sent_at: float = 0.0
    stop: Optional[str] = None
    on_cancel: Optional[Callable[[], None]] = None

    @property
    def name(self) -> str:
        return "%s %s" % (self.asked["taskName"], self.job_id or self.asked["externalId"])


class _Away(Exception):
    """The server could not be reached, or asked to be called again later, after `seconds`."""

    def __init__(self, reason: str, seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class _Refused(Exception):
    """The server will not accept this request, however often it is sent."""


class _Sender:
    """All jobs of this process, and the thread that reports them."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._jobs: List[_Job] = []
        self._thread: Optional[threading.Thread] = None
        self._failures = 0

    def add(self, job: _Job) -> None:
        with self._condition:
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="playhead", daemon=True)
                self._thread.start()
            self._condition.notify_all()

    def report(self, job: _Job, told: Dict[str, Json]) -> None:
        with self._condition:
            was_silent = not job.news
            # A step's progress and the whole job's are two ways to state the same thing: the newer one holds.
            for key in ("step", "stepProgress") if "progress" in told else ("progress",):
                job.news.pop(key, None)
            job.news.update(told)
            if was_silent:
                self._condition.notify_all()

    def end(self, job: _Job, mutation: str, told: Dict[str, Json]) -> None:
        with self._condition:
            job.ending = (mutation, told)
            job.ended_at = time.monotonic()
            self._condition.notify_all()

    def flush(self, seconds: float) -> List[str]:
        """Waits until every ending has been sent, up to `seconds`. Returns the names of the jobs whose ending has not."""
        deadline = time.monotonic() + seconds
        with self._condition:
            while True:
                waiting = [job for job in self._jobs if job.ending is not None]
                left = deadline - time.monotonic()
                if not waiting or left <= 0:
                    return [job.name for job in waiting]
                self._condition.wait(left)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._is_due():
                    self._condition.wait(HEARTBEAT_SECONDS / 5 if self._jobs else None)
                jobs = list(self._jobs)
            pause = REPORT_INTERVAL_SECONDS
            try:
                self._send(jobs)
                self._failures = 0
            except _Away as away:
                pause = self._wait_after(away)
            except Exception:  # A bug in this file must not stop the reports of all other jobs.
                log.exception("Playhead: a report failed")
                pause = MAX_WAIT_SECONDS
            time.sleep(pause)

    def _is_due(self) -> bool:
        silent_since = time.monotonic() - HEARTBEAT_SECONDS
        return any(
            job.lease is None or job.news or job.ending is not None or job.sent_at <= silent_since for job in self._jobs
        )

    def _wait_after(self, away: _Away) -> float:
        if self._failures == 0:
            log.warning("Playhead at %s: %s; the task goes on, and its reports are sent later", _settings.url, away)
        self._failures += 1
        return max(away.seconds, random.uniform(0.5, 1) * min(MAX_WAIT_SECONDS, 0.2 * 2 ** min(self._failures, 10)))

    def _send(self, jobs: List[_Job]) -> None:
        self._drop_old_endings(jobs)
        for job in jobs:
            if job.lease is None and job.stop is None:
                self._each(job, self._track)
        open_jobs = [job for job in jobs if job.lease is not None and job.stop is None]
        silent_since = time.monotonic() - HEARTBEAT_SECONDS
        due = [job for job in open_jobs if job.news or (job.ending is None and job.sent_at <= silent_since)]
        for start in range(0, len(due), MAX_REPORTS):
            self._report_many(due[start : start + MAX_REPORTS])
        for job in open_jobs:
            if job.ending is not None and job.stop is None and job.lease is not None:
                self._each(job, self._finish)

    def _each(self, job: _Job, action: Callable[[_Job], None]) -> None:
        try:
            action(job)
        except _Refused as refused:
            log.warning("Playhead does not take %s: %s", job.name, refused)
            self._forget(job)

    def _track(self, job: _Job) -> None:
        made = _ask("trackJob", {**job.asked, "idempotencyKey": job.track_key})
        with self._condition:
            job.job_id, job.lease, job.attempt = made["job"]["id"], made["lease"], made["attempt"]
            job.sent_at = time.monotonic()
        if made["stop"] is not None:
            self._stop(job, made["stop"])

    def _report_many(self, jobs: List[_Job]) -> None:
        with self._condition:
            told = [job.news for job in jobs]
            for job in jobs:
                job.news = {}
                job.sequence += 1
        reports = [{**self._key(job), **news, "sequence": job.sequence} for job, news in zip(jobs, told)]
        try:
            receipts = _ask("reportProgressMany", {"reports": reports})
        except _Away:
            with self._condition:
                for job, news in zip(jobs, told):
                    job.news = {**news, **job.news}
            raise
        except _Refused as refused:
            log.warning("Playhead does not take a report: %s", refused)
            receipts = [{"accepted": True}] * len(jobs)
        for job, receipt in zip(jobs, receipts):
            job.sent_at = time.monotonic()
            if receipt is None:
                log.warning("Playhead does not know %s, or does not take what it reported", job.name)
            else:
                self._heed(job, receipt)

    def _finish(self, job: _Job) -> None:
        mutation, told = cast(Tuple[str, Dict[str, Json]], job.ending)
        try:
            receipt = _ask(mutation, {**self._key(job), **told})
        except _Refused as refused:
            # A result that is too long, say: at least the job ends.
            log.warning("Playhead does not take all of how %s ended: %s", job.name, refused)
            bare = {key: told[key] for key in ("error", "willRetry") if key in told}
            receipt = _ask(mutation, {**self._key(job), **bare})
        if receipt["accepted"]:
            self._forget(job)
        else:
            self._heed(job, receipt)

    def _heed(self, job: _Job, receipt: Json) -> None:
        """Acts on a receipt. A job that was lost only because the server was unreachable is resumed."""
        if receipt["accepted"]:
            return
        at = receipt["job"]
        lease_ended = (at["error"] or {}).get("code") == "WORKER_LOST" and at["attempt"] == job.attempt
        if receipt["stop"] == "LOST" and lease_ended:
            with self._condition:
                job.lease, job.track_key, job.sequence = None, str(uuid.uuid4()), 0
        else:
            self._stop(job, receipt["stop"])

    def _stop(self, job: _Job, reason: str) -> None:
        job.stop = reason
        self._forget(job)
        log.info("Playhead: %s %s", job.name, _REASONS.get(reason, "was stopped"))
        if reason == "CANCELLED" and job.ending is None and job.on_cancel is not None:
            try:
                job.on_cancel()
            except Exception:
                log.exception("Playhead: %s could not be revoked", job.name)

    def _drop_old_endings(self, jobs: List[_Job]) -> None:
        for job in jobs:
            if job.ending is not None and time.monotonic() - job.ended_at > KEEP_ENDINGS_SECONDS:
                log.error("Playhead was away for too long: the ending of %s is lost", job.name)
                self._forget(job)

    def _forget(self, job: _Job) -> None:
        with self._condition:
            if job in self._jobs:
                self._jobs.remove(job)
            self._condition.notify_all()

    def _key(self, job: _Job) -> Dict[str, Json]:
        return {"projectId": job.asked["projectId"], "jobId": job.job_id, "lease": job.lease}


_RECEIPT = "{ accepted stop job { attempt error { code } } }"
_MUTATIONS = {
    "trackJob": ("TrackJobInput", "{ job { id } attempt lease stop }"),
    "reportProgressMany": ("ReportProgressManyInput", _RECEIPT),
    "reportError": ("ReportErrorInput", _RECEIPT),
    "reportCompletion": ("ReportCompletionInput", _RECEIPT),
}


@dataclass
class _Settings:
    url: str
    token: Optional[str]


_settings = _Settings(os.environ.get("PLAYHEAD_URL", "http://127.0.0.1:4000"), os.environ.get("PLAYHEAD_TOKEN"))


def configure(url: Optional[str] = None, token: Optional[str] = None) -> None:
    """Sets the server's address, and an API key with the scope `report` or `write`. Call it before all trackers."""
    if url is not None:
        _settings.url = url
    if token is not None:
        _settings.token = token


def _ask(mutation: str, given: Json) -> Json:
    """Sends one mutation. Raises _Away if it may be sent again, and _Refused if that would be of no use."""
    kind, fields = _MUTATIONS[mutation]
    query = "mutation ($input: %s!) { %s(input: $input) %s }" % (kind, mutation, fields)
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "playhead-python"}
    if _settings.token:
        headers["Authorization"] = "Bearer " + _settings.token
    body = json.dumps({"query": query, "variables": {"input": given}}).encode()
    request = urllib.request.Request(_settings.url.rstrip("/") + "/graphql", body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as response:
            answer = json.loads(response.read())
    except urllib.error.HTTPError as error:
        answer = _answer_of(error)
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise _Away(str(getattr(error, "reason", error))) from None
    errors = answer.get("errors")
    data = (answer.get("data") or {}).get(mutation)
    if data is not None or not errors:
        for error in errors or []:  # Among several reports, a refused one is null in its place.
            log.warning("Playhead: %s", error.get("message"))
        return data
    facts = errors[0].get("extensions") or {}
    said = "%s (%s)" % (errors[0].get("message"), facts.get("code"))
    if facts.get("code") in AGAIN:
        raise _Away(said, float(facts.get("retryAfterSeconds") or 0))
    raise _Refused(said)


def _answer_of(error: urllib.error.HTTPError) -> Json:
    """The GraphQL response in an answer whose status is not 200; without one, a proxy has answered, which may pass."""
    try:
        answer = json.loads(error.read())
        if isinstance(answer, dict) and answer.get("errors"):
            return answer
    except (OSError, ValueError):
        pass
    if error.code in (408, 425, 429) or error.code >= 500:
        raise _Away("HTTP status %d" % error.code) from None
    raise _Refused("HTTP status %d" % error.code) from None


# --- Values ---------------------------------------------------------------------------------------


def _fraction(progress: float) -> float:
    if isinstance(progress, bool) or not isinstance(progress, (int, float)) or math.isnan(progress):
        raise TypeError("expected progress as a number from 0 to 1, got %r" % (progress,))
    return min(1.0, max(0.0, float(progress)))


def _text(value: Any) -> Optional[str]:
    return None if value is None else str(value)


def _plain(value: Json) -> Json:
    """The value in a form that JSON can hold: anything else, such as a date, as text; NaN and infinities as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return str(value)


# --- The process ----------------------------------------------------------------------------------


_the_sender: Optional[_Sender] = None
_making = threading.Lock()


def _sender() -> _Sender:
    """The sender of this process; a forked child, such as a worker of Celery's pool, has its own."""
    global _the_sender
    if _the_sender is None:
        with _making:
            if _the_sender is None:
                _the_sender = _Sender()
                _watch_celery()
    return _the_sender


def _after_fork() -> None:
    global _the_sender, _making
    _the_sender = None
    _making = threading.Lock()


def flush(seconds: float = EXIT_SECONDS) -> bool:
    """Waits until every ending has been sent, up to `seconds`. Returns whether all were; the log names the others."""
    if _the_sender is None:
        return True
    lost = _the_sender.flush(seconds)
    if lost:
        log.error("Playhead at %s could not be told how %s ended", _settings.url, ", ".join(lost))
    return not lost


def _watch_celery() -> None:
    """Children of Celery's pool end without Python's exit handlers, but with a Celery signal.

    A process that has not loaded Celery is not one of them, and must not spend half a second loading it here.
    """
    if "celery" not in sys.modules:
        return
    from celery.signals import worker_process_shutdown

    worker_process_shutdown.connect(lambda **_: flush(), weak=False)


atexit.register(flush)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
