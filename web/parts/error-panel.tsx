/** Why a job failed, what can be done, and the error's details for programs. */
import type { JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { formatDuration } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { AnyFile } from './any-file.tsx';
import { CopyButton } from './copy-button.tsx';
import { Glyph } from './icons.tsx';

interface ErrorPanelProps {
  readonly job: JobView;
  readonly error: NonNullable<JobView['error']>;
}

export function ErrorPanel({ job, error }: ErrorPanelProps) {
  const text = useText();
  const { links } = useProject();
  const isCancelled = job.status === 'CANCELLED';
  const isRetrying = job.status === 'RETRYING';
  const remedy = isRetrying ? text('error.retrying') : text.named('error', error.code);
  return (
    <section className="panel error-panel" data-status={job.status}>
      <h2>
        {!isCancelled && <Glyph name="warning" />}
        {text(isCancelled ? 'status.CANCELLED' : isRetrying ? 'error.titleRetrying' : 'error.title')}
        <span className="code">{error.code}</span>
        <CopyButton content={JSON.stringify(error, null, 2)} label={text('error.copy')} />
      </h2>
      <p className="error-message">{error.message}</p>
      {remedy !== null && <p className="muted">{remedy}</p>}
      {error.retryAfterSeconds !== null && (
        <p className="muted">
          {text('error.retryAfter', { time: formatDuration(error.retryAfterSeconds, text.language) })}
        </p>
      )}
      {error.artifacts.map((artifact) => (
        <AnyFile artifact={artifact} key={artifact.path} renew={(url) => links.renew(job.id, url)} />
      ))}
      {error.details !== null && (
        <details>
          <summary>{text('error.details')}</summary>
          <pre className="json">{JSON.stringify(error.details, null, 2)}</pre>
        </details>
      )}
    </section>
  );
}
