/** Reads secret settings from a file, so that they appear in no process list, unit file or container inspection. */
import { readFileSync, statSync } from 'node:fs';

const OTHERS = 0o007;
const LINE = /^([A-Z][A-Z0-9_]*)=(.*)$/;

/**
 * Reads lines `NAME=value`; empty lines and lines that begin with # are skipped.
 * @param path undefined or empty: there is no file
 * @param problems gets a line when the file cannot be read, others may read it, or it contains anything else
 */
export function readSecretsFile(
  path: string | undefined,
  isSecretName: (name: string) => boolean,
  problems: string[],
): Readonly<Record<string, string>> {
  if (path === undefined || path === '') return {};
  try {
    const mode = statSync(path).mode & 0o777;
    // Windows has no such modes.
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      problems.push(
        `PLAYHEAD_SECRETS_FILE: expected a file that only owner and group can use (chmod 640), received mode ${mode.toString(8)}`,
      );
      return {};
    }
    return parse(readFileSync(path, 'utf8'), isSecretName, problems);
  } catch (error) {
    problems.push(`PLAYHEAD_SECRETS_FILE: expected a file that can be read: ${String(error)}`);
    return {};
  }
}

function parse(
  text: string,
  isSecretName: (name: string) => boolean,
  problems: string[],
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = LINE.exec(line) ?? [];
    if (isSecretName(name)) found[name] = value;
    // The line itself may be a secret.
    else problems.push(`PLAYHEAD_SECRETS_FILE, line ${index + 1}: expected NAME=value with a secret setting`);
  }
  return found;
}
