/** Announces changes to screen readers: endings of jobs and the connection, at most one sentence every 1.5 s. */
import { useEffect, useRef, useState } from 'react';
import { flawedCounts } from '../state/batch-counts.ts';
import { hasEnded } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';

const PAUSE_MS = 1_500;

export function Announcer() {
  const { connection, lastChange } = useProject();
  const text = useText();
  const [sentence, say] = useSentence();
  const change = useValue(lastChange);
  const { name } = useValue(connection);
  const wasLost = useRef(false);
  useEffect(() => {
    if (change === null || !hasEnded(change.job)) return;
    const flawed = flawedCounts(change.job);
    const status = flawed === null ? text(`status.${change.job.status}`) : text.counts(flawed);
    say(text('announce.status', { job: text.title(change.job), status }));
  }, [change, say, text]);
  useEffect(() => {
    if ((name === 'reconnecting' || name === 'unavailable') && !wasLost.current) {
      wasLost.current = true;
      say(text(name === 'reconnecting' ? 'connection.lost' : 'connection.unavailableLong'));
    } else if (name === 'live' && wasLost.current) {
      wasLost.current = false;
      say(text('connection.back'));
    }
  }, [name, say, text]);
  return (
    <p aria-live="polite" className="sr-only">
      {sentence}
    </p>
  );
}

/** Holds back the newest sentence until the last one has had its time. */
function useSentence(): [string, (sentence: string) => void] {
  const [sentence, setSentence] = useState('');
  const say = useRef(createSayer(setSentence));
  return [sentence, say.current];
}

function createSayer(show: (sentence: string) => void): (sentence: string) => void {
  let next: string | null = null;
  let resting = false;
  const speak = (): void => {
    if (next === null) return;
    show(next);
    next = null;
    resting = true;
    setTimeout(() => {
      resting = false;
      speak();
    }, PAUSE_MS);
  };
  return (sentence) => {
    next = sentence;
    if (!resting) speak();
  };
}
