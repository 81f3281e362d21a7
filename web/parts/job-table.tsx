/** The jobs as rows, of which only those near the window are in the page; any of them can be selected. */
import { useRef } from 'react';
import { lookOf } from '../state/batch-counts.ts';
import { hasEnded, type JobView } from '../state/job-view.ts';
import { useJob, useProject } from '../state/project-context.ts';
import { jobPath } from '../state/route.ts';
import { formatPercent, shortId } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { Elapsed, Remaining } from './job-times.tsx';
import { type ListProps, useMore, useWindow } from './job-window.ts';
import { Link } from './link.tsx';
import { Moment } from './moment.tsx';
import { JobBadge } from './status-badge.tsx';

/** Must match styles/table.css. */
const ROW = 46;

interface TableProps extends ListProps {
  readonly chosen: ReadonlySet<string>;
  readonly choose: (ids: readonly string[], isChosen: boolean) => void;
}

export function JobTable({ ids, hasMore, loadMore, chosen, choose }: TableProps) {
  const text = useText();
  const body = useRef<HTMLTableSectionElement>(null);
  const { first, last } = useWindow(body, { rowHeight: ROW, minWidth: null });
  const from = Math.max(0, Math.min(first, ids.length - 1));
  const to = Math.min(ids.length, last);
  useMore({ ids, hasMore, loadMore }, ids.length, last);
  const all = ids.length > 0 && ids.every((id) => chosen.has(id));
  return (
    <table
      aria-label={text('list.title')}
      aria-rowcount={hasMore ? -1 : ids.length + 1}
      className="job-table"
    >
      <thead>
        <tr>
          <th className="choice">
            <input
              aria-label={text('list.chooseAll')}
              checked={all}
              onChange={(event) => choose(ids, event.target.checked)}
              type="checkbox"
            />
          </th>
          <th>{text('table.job')}</th>
          <th className="wide-cell">{text('table.kind')}</th>
          <th>{text('table.status')}</th>
          <th className="wide-cell">{text('table.done')}</th>
          <th className="wide-cell">{text('table.time')}</th>
          <th className="wide-cell">{text('job.created')}</th>
        </tr>
      </thead>
      <tbody ref={body}>
        <Spacer rows={from} />
        {ids.slice(from, to).map((id, index) => (
          <Row choose={choose} id={id} isChosen={chosen.has(id)} key={id} row={from + index + 2} />
        ))}
        <Spacer rows={ids.length - to} />
      </tbody>
    </table>
  );
}

function Spacer({ rows }: { readonly rows: number }) {
  return rows <= 0 ? null : (
    <tr>
      <td style={{ height: rows * ROW, padding: 0 }} />
    </tr>
  );
}

interface RowProps extends Pick<TableProps, 'choose'> {
  readonly id: string;
  readonly isChosen: boolean;
  /** From 1, which is the header row. */
  readonly row: number;
}

function Row({ id, isChosen, choose, row }: RowProps) {
  const job = useJob(id);
  const text = useText();
  const project = useProject();
  if (job === undefined) return null;
  const title = text.title(job);
  return (
    <tr aria-rowindex={row} data-status={lookOf(job)} data-workflow={job.workflow}>
      <td className="choice">
        <input
          aria-label={text('list.choose', { job: `${title} ${shortId(id)}` })}
          checked={isChosen}
          onChange={(event) => choose([id], event.target.checked)}
          type="checkbox"
        />
      </td>
      <td className="table-title">
        <Link className="card-link row-link" href={jobPath(project.id, id)} title={title}>
          {title}
        </Link>
        {job.error !== null && <span className="muted small"> {job.error.message}</span>}
      </td>
      <td className="wide-cell">{text.job(job)}</td>
      <td>
        <JobBadge job={job} />
      </td>
      <td className="wide-cell number">{formatPercent(job.progress)}</td>
      <td className="wide-cell">
        <Time job={job} />
      </td>
      <td className="wide-cell">
        <Moment iso={job.createdAt} />
      </td>
    </tr>
  );
}

function Time({ job }: { readonly job: JobView }) {
  if (hasEnded(job)) return <Elapsed job={job} />;
  return job.eta === null ? null : <Remaining job={job} />;
}
