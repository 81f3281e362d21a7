/** Explains to users why a request failed. */
import { RequestError } from '../api/request.ts';
import type { Text } from './use-text.ts';

const EXPLAINED = ['NETWORK', 'FORBIDDEN', 'UNAUTHENTICATED'] as const;

export function explainRequest(error: unknown, text: Text): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof RequestError ? EXPLAINED.find((known) => known === error.code) : undefined;
  return code === undefined ? error.message : text(`error.${code}`);
}
