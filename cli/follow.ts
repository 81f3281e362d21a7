/** Follows a job for a command: shows it, handles Ctrl-C, and prints the outcome. */
import { EXIT, type ExitCode } from './failure.ts';
import { Interruption } from './interruption.ts';
import { jobLine } from './json-view.ts';
import { JobsDocument, type WholeJob } from './operations.ts';
import { exitCodeOf, outcomeLines } from './outcome.ts';
import { batchCountsOf } from './result.ts';
import { viewOf } from './result-views.ts';
import type { Session } from './session.ts';
import { watchJob, watchProject } from './watch.ts';
import { titlesOf } from './workflows.ts';

/** How long to wait for titles; without them, fields are shown under their own names. */
const TITLES_PATIENCE_MS = 5_000;

/**
 * Follows one job or batch to its end.
 * @param isStarted whether this command has just started it
 * @throws Failure
 */
export async function followJob(session: Session, id: string, isStarted = false): Promise<ExitCode> {
  const { api, projectId, command, sameJobOptions } = session;
  const view = session.view();
  const interruption = new Interruption({ session, jobId: id, view });
  try {
    const job = await watchJob({ api, projectId, id, view, signal: interruption.signal, isStarted });
    if (job === null) {
      session.note(
        `Interrupted; the job continues.\n  Watch     ${command} watch ${id}${sameJobOptions}\n` +
          `  Cancel    ${command} cancel ${id}${sameJobOptions}`,
      );
      return EXIT.interrupted;
    }
    // Dismisses the question whether to cancel, which is now moot.
    interruption.close();
    session.line(jobLine(job));
    session.out('');
    const titles = await titlesFor(session, job);
    for (const line of outcomeLines(job, { api, command, options: sameJobOptions, titles })) {
      session.out(line);
    }
    return (await interruption.wasCancelled()) ? EXIT.interrupted : exitCodeOf(job);
  } finally {
    interruption.close();
  }
}

/** The titles of a result's fields, if this program has no view for it. */
async function titlesFor(
  { api, json }: Session,
  { result }: WholeJob,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (json || result === null || batchCountsOf(result) !== null || viewOf(result) !== null) return undefined;
  return titlesOf(api, result.__typename, AbortSignal.timeout(TITLES_PATIENCE_MS));
}

/** Follows all jobs of a project until Ctrl-C. @throws Failure */
export async function followProject(session: Session): Promise<ExitCode> {
  const { api, projectId } = session;
  // Following waits for a stream indefinitely; this request reports at once that there is no server, or no access to the
  // project.
  await api.request(JobsDocument, { projectId, first: 1 });
  const view = session.view();
  const interruption = new Interruption({ session, view });
  session.out(`All jobs of project ${projectId}; press Ctrl-C to stop.\n`);
  try {
    await watchProject({ api, projectId, view, signal: interruption.signal });
    if (!interruption.signal.aborted) return EXIT.done;
    session.note('Interrupted; the jobs continue.');
    return EXIT.interrupted;
  } finally {
    interruption.close();
  }
}
