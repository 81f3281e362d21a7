/** Follows a job for a command: shows it, takes Ctrl-C, and says what became of it. */
import { EXIT, type ExitCode } from './failure.ts';
import { Interruption } from './interruption.ts';
import { jobLine } from './json-view.ts';
import { JobsDocument } from './operations.ts';
import { exitCodeOf, outcomeLines } from './outcome.ts';
import type { Session } from './session.ts';
import { watchJob, watchProject } from './watch.ts';

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
        `Interrupted; the job goes on.\n  Watch     ${command} watch ${id}${sameJobOptions}\n` +
          `  Cancel    ${command} cancel ${id}${sameJobOptions}`,
      );
      return EXIT.interrupted;
    }
    // Ends the question whether to cancel, which it has answered.
    interruption.close();
    session.line(jobLine(job));
    session.out('');
    for (const line of outcomeLines(api, job, command, sameJobOptions)) session.out(line);
    return (await interruption.wasCancelled()) ? EXIT.interrupted : exitCodeOf(job);
  } finally {
    interruption.close();
  }
}

/** Follows all jobs of a project until Ctrl-C. @throws Failure */
export async function followProject(session: Session): Promise<ExitCode> {
  const { api, projectId } = session;
  // A stream is waited for for ever; that there is no server, or no such project for this token, is said at once.
  await api.request(JobsDocument, { projectId, first: 1 });
  const view = session.view();
  const interruption = new Interruption({ session, view });
  session.out(`All jobs of project ${projectId}; Ctrl-C ends.\n`);
  try {
    await watchProject({ api, projectId, view, signal: interruption.signal });
    if (!interruption.signal.aborted) return EXIT.done;
    session.note('Interrupted; the jobs go on.');
    return EXIT.interrupted;
  } finally {
    interruption.close();
  }
}
