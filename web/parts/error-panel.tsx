/** Why a job failed, what can be done, and what the error says to programs. */
import type { JobView } from '../state/job-view.ts';
import { formatDuration } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';

interface ErrorPanelProps {
  readonly job: JobView;
  readonly error: NonNullable<JobView['error']>;
}

export function ErrorPanel({ job, error }: ErrorPanelProps) {
  const text = useText();
  const remedy = text.named('error', error.code);
  return (
    <section className="panel error-panel" data-status={job.status}>
      <h2>
        <Glyph name="warning" />
        {text('error.title')}
        <span className="code">{error.code}</span>
      </h2>
      <p className="error-message">{error.message}</p>
      {remedy !== null && <p className="muted">{remedy}</p>}
      {error.retryAfterSeconds !== null && (
        <p className="muted">
          {text('error.retryAfter', { time: formatDuration(error.retryAfterSeconds, text.language) })}
        </p>
      )}
      {error.details !== null && (
        <details>
          <summary>{text('error.details')}</summary>
          <pre className="json">{JSON.stringify(error.details, null, 2)}</pre>
        </details>
      )}
    </section>
  );
}
