/** All events of a job that the server keeps, newest first; repeated ones are one row. */
import { memo } from 'react';
import type { Story } from '../state/job-story.ts';
import type { JobView } from '../state/job-view.ts';
import type { StoryRow } from '../state/story-rows.ts';
import { isWhole } from '../state/timeline.ts';
import { formatPercent, formatTime, formatWhole } from '../text/format.ts';
import { useText } from '../text/use-text.ts';

interface EventLogProps {
  readonly job: JobView;
  readonly story: Story;
}

export function EventLog({ job: { workflow }, story: { isLoaded, rows } }: EventLogProps) {
  const text = useText();
  return (
    <section className="panel">
      <h2>{text('log.title')}</h2>
      {isLoaded && !isWhole(rows) && <p className="muted small">{text('log.trimmed')}</p>}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <section aria-label={text('log.title')} className="log" tabIndex={0}>
          <ol className="plain" reversed>
            {rows.toReversed().map((row) => (
              <LogLine key={row.id} row={row} workflow={workflow} />
            ))}
          </ol>
        </section>
      )}
    </section>
  );
}

interface LineProps {
  readonly row: StoryRow;
  readonly workflow: string;
}

const LogLine = memo(function LogLine({ row, workflow }: LineProps) {
  const text = useText();
  return (
    <li className="log-line" data-kind={row.kind}>
      <time className="mono muted" dateTime={row.from} title={formatWhole(row.from, text.language)}>
        {formatTime(row.from)}
      </time>
      <RowText row={row} workflow={workflow} />
    </li>
  );
});

function RowText({ row, workflow }: LineProps) {
  const text = useText();
  const { attempt, count, error, progress, step, worker } = row;
  if (error !== null) {
    return (
      <>
        <span className="code">{error.code}</span>
        <span className="log-text">
          {row.text}
          {error.willRetry && <span className="muted"> · {text('log.willRetry')}</span>}
        </span>
      </>
    );
  }
  if (progress === null) {
    return (
      <>
        <span className="mono log-percent">100%</span>
        <span className="log-text">{text('log.completed')}</span>
      </>
    );
  }
  const whichAttempt = text('timeline.attempt', { attempt });
  // The first event of an attempt says so itself.
  const isSaid = attempt === 1 || row.text === whichAttempt;
  return (
    <>
      <span className="mono log-percent">{formatPercent(progress.to)}</span>
      <span className="log-text">
        {row.text}
        {count > 1 && <span className="log-count number">×{count}</span>}
        {step !== null && <span className="muted"> · {text.step(workflow, step)}</span>}
        {worker !== null && <span className="muted"> · {text('timeline.on', { worker })}</span>}
        {!isSaid && <span className="muted"> · {whichAttempt}</span>}
      </span>
    </>
  );
}
