/** Shows the dashboard of a project, or the page of a job, in this machine's browser. */
import { spawn } from 'node:child_process';
import { EXIT, type ExitCode } from './failure.ts';
import { findJobId } from './job-id.ts';
import { type CommonOptions, Session } from './session.ts';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Prints the address and, in an interactive session, opens the browser. @throws Failure */
export async function open(id: string | undefined, options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { api, projectId } = session;
  const job = id === undefined ? '' : `/jobs/${await findJobId(api, projectId, id)}`;
  const url = `${api.url}/p/${encodeURIComponent(projectId)}${job}`;
  session.out(url);
  session.line({ type: 'link', url });
  if (session.isInteractive) launch(url);
  return EXIT.done;
}

function launch(url: string): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { detached: true, stdio: 'ignore' });
  // There may be no browser, as over ssh; the address has been printed.
  child.on('error', () => {});
  child.unref();
}
