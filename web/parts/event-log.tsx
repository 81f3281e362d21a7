/** The events of a job that this page has seen, newest first. */
import { memo } from 'react';
import type { JobEvent, JobView } from '../state/job-view.ts';
import { useLog } from '../state/project-context.ts';
import { formatPercent, formatTime } from '../text/format.ts';
import { useText } from '../text/use-text.ts';

export function EventLog({ job: { id, workflow } }: { readonly job: JobView }) {
  const text = useText();
  const events = useLog(id);
  return (
    <section className="panel">
      <h2>{text('log.title')}</h2>
      {events.length === 0 ? (
        <p className="muted">{text('log.empty')}</p>
      ) : (
        <>
          <p className="muted small">{text('log.since')}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
          <section aria-label={text('log.title')} className="log" tabIndex={0}>
            <ol className="plain" reversed>
              {events.toReversed().map((event) => (
                <LogLine event={event} key={event.id} workflow={workflow} />
              ))}
            </ol>
          </section>
        </>
      )}
    </section>
  );
}

interface LineProps {
  readonly event: JobEvent;
  readonly workflow: string;
}

const LogLine = memo(function LogLine({ event, workflow }: LineProps) {
  return (
    <li className="log-line" data-kind={event.__typename}>
      <time className="mono muted" dateTime={event.timestamp}>
        {formatTime(event.timestamp)}
      </time>
      <EventText event={event} workflow={workflow} />
    </li>
  );
});

function EventText({ event, workflow }: LineProps) {
  const text = useText();
  switch (event.__typename) {
    case 'ProgressEvent':
      return (
        <>
          <span className="mono log-percent">{formatPercent(event.progress)}</span>
          <span className="log-text">
            {event.message}
            {event.step !== null && <span className="muted"> · {text.step(workflow, event.step)}</span>}
            {event.attempt > 1 && <span className="muted"> · {event.attempt}</span>}
          </span>
        </>
      );
    case 'ErrorEvent':
      return (
        <>
          <span className="code">{event.code}</span>
          <span className="log-text">
            {event.error}
            {event.willRetry && <span className="muted"> · {text('log.willRetry')}</span>}
          </span>
        </>
      );
    case 'CompletionEvent':
      return (
        <>
          <span className="mono log-percent">100%</span>
          <span className="log-text">{text('log.completed')}</span>
        </>
      );
  }
}
