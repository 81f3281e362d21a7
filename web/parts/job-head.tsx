/** The head of a job's page: its title, kind, status and id, and the actions on it. */
import type { JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { jobPath } from '../state/route.ts';
import { useGrant } from '../state/session.ts';
import { useText } from '../text/use-text.ts';
import { CopyButton } from './copy-button.tsx';
import { WorkflowIcon } from './icons.tsx';
import { JobActions } from './job-actions.tsx';
import { Link } from './link.tsx';
import { ShareJob } from './share-job.tsx';
import { JobBadge } from './status-badge.tsx';

export function JobHead({ job }: { readonly job: JobView }) {
  const text = useText();
  const project = useProject();
  const isShared = useGrant().jobId !== null;
  return (
    <header className="job-head">
      <span className="card-icon large" data-workflow={job.workflow}>
        <WorkflowIcon workflow={job.workflow} />
      </span>
      <div className="job-title">
        <h1>{text.title(job)}</h1>
        <p className="muted">
          <JobBadge job={job} />
          {job.title !== null && <span>{text.job(job)}</span>}
          <span className="copy-id">
            <span className="mono">{job.id}</span>
            <CopyButton content={job.id} label={text('job.copyId')} />
          </span>
          {job.parent !== null && <Link href={jobPath(project.id, job.parent.id)}>{text('job.parent')}</Link>}
        </p>
      </div>
      {!isShared && (
        <div className="job-actions">
          <ShareJob job={job} />
          <JobActions job={job} />
        </div>
      )}
    </header>
  );
}
