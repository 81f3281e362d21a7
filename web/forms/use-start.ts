/** Sends a form: first the checks, then the mutation; the server's findings are shown at the same fields. */
import { useRef, useState } from 'react';
import { RequestError } from '../api/request.ts';
import { newJob } from '../parts/new-job-state.ts';
import { jobPath, navigate } from '../state/route.ts';
import { explainRequest } from '../text/explain-request.ts';
import type { Text } from '../text/use-text.ts';
import { type Faults, faultsOfIssues } from './checks.ts';

interface StartForm {
  readonly projectId: string;
  readonly text: Text;
  /** The form's content, as plain JSON. */
  readonly content: unknown;
  readonly check: () => Faults;
  /** Sends the mutation. @returns the id of the job */
  readonly send: (idempotencyKey: string) => Promise<string>;
  /** Called when the job has been created. */
  readonly onStarted: () => void;
}

export interface Start {
  readonly faults: Faults;
  /** How often it was refused: each time, the focus moves to the first fault. */
  readonly refusals: number;
  readonly busy: boolean;
  /** An error that does not belong to a field. */
  readonly failure: string | null;
  readonly submit: () => Promise<void>;
  /** Forgets the fault of a field that is being changed. */
  readonly clear: (field: string) => void;
}

export function useStart({ projectId, text, content, check, send, onStarted }: StartForm): Start {
  const [faults, setFaults] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const [refusals, setRefusals] = useState(0);
  const refuse = (): void => setRefusals((count) => count + 1);
  const [failure, setFailure] = useState<string | null>(null);
  const lastTry = useRef<{ readonly content: string; readonly key: string }>(null);
  const submit = async (): Promise<void> => {
    const found = check();
    setFaults(found);
    setFailure(null);
    if (Object.keys(found).length > 0) return refuse();
    setBusy(true);
    // The same for every attempt to send the same content, so that a lost answer does not create a second job.
    const sent = JSON.stringify(content);
    if (lastTry.current?.content !== sent) lastTry.current = { content: sent, key: randomKey() };
    try {
      const id = await send(lastTry.current.key);
      lastTry.current = null;
      onStarted();
      newJob.set(null);
      navigate(jobPath(projectId, id));
    } catch (error) {
      setFaults(error instanceof RequestError ? faultsOfIssues(error.issues) : {});
      setFailure(explainRequest(error, text));
      refuse();
    }
    setBusy(false);
  };
  const clear = (field: string): void =>
    setFaults((now) =>
      Object.fromEntries(
        Object.entries(now).filter(([name]) => name !== field && !name.startsWith(`${field}.`)),
      ),
    );
  return { faults, refusals, busy, failure, submit, clear };
}

function randomKey(): string {
  // randomUUID is missing if the page is not a secure context.
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
