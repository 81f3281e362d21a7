/** Keeps a user's server and token, so that other commands need not be given them. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { Api } from './api.ts';
import { EXIT, type ExitCode, usageFailure } from './failure.ts';
import { forgetLogin, keepLogin } from './kept-login.ts';
import { ViewerDocument } from './operations.ts';
import { type CommonOptions, Session } from './session.ts';

/** Asks for the token, or reads it from standard input, and keeps it once the server has accepted it. @throws Failure */
export async function login(options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const token = (
    process.stdin.isTTY ? await askHidden('API key or token: ') : await readAll(process.stdin)
  ).trim();
  if (token === '') throw usageFailure('login: expected a key or token on standard input, received nothing');
  const { viewer } = await new Api(session.api.url, token).request(ViewerDocument, {});
  const path = keepLogin({ url: session.api.url, token });
  const projects = viewer.projects === null ? 'all projects' : viewer.projects.join(', ');
  session.note(
    `Signed in at ${session.api.url}: ${viewer.scope.toLowerCase()}, ${projects}. Kept in ${path}.`,
  );
  session.line({ type: 'login', url: session.api.url, scope: viewer.scope, projects: viewer.projects });
  return EXIT.done;
}

export async function logout(options: CommonOptions): Promise<ExitCode> {
  forgetLogin();
  new Session(options).note('Signed out.');
  return EXIT.done;
}

async function askHidden(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
