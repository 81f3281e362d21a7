/** A batch's items: as dots in its card, as tiles on its page. Each re-renders only for its own events. */
import { useSyncExternalStore } from 'react';
import type { ItemState } from '../state/job-cache.ts';
import { useJob, useProject } from '../state/project-context.ts';
import { jobPath } from '../state/route.ts';
import { formatPercent } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { Elapsed } from './job-times.tsx';
import { Link } from './link.tsx';
import { StatusBadge } from './status-badge.tsx';

/** More would not fit into a card. */
const MAX_DOTS = 96;

function useItem(id: string): ItemState | undefined {
  const { store } = useProject();
  return useSyncExternalStore(
    (listener) => store.subscribe(id, listener),
    () => store.item(id),
  );
}

export function ItemDots({ ids }: { readonly ids: readonly string[] }) {
  return (
    <span aria-hidden="true" className="item-dots">
      {ids.slice(0, MAX_DOTS).map((id) => (
        <ItemDot id={id} key={id} />
      ))}
    </span>
  );
}

function ItemDot({ id }: { readonly id: string }) {
  const item = useItem(id);
  const rise = { transform: `translateY(${100 - (item?.progress ?? 0) * 100}%)` };
  return (
    <span className="item-dot" data-status={item?.status ?? 'QUEUED'}>
      <span className="item-fill" style={rise} />
    </span>
  );
}

export function BatchGrid({ ids }: { readonly ids: readonly string[] }) {
  const text = useText();
  return (
    <section className="panel">
      <h2>
        {text('batch.items')} <span className="muted number">{ids.length}</span>
      </h2>
      <ol className="plain tiles">
        {ids.map((id, index) => (
          <li key={id}>
            <Tile id={id} number={index + 1} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Tile({ id, number }: { readonly id: string; readonly number: number }) {
  const text = useText();
  const { id: projectId } = useProject();
  const item = useItem(id);
  const job = useJob(id);
  const progress = item?.progress ?? 0;
  const name = text('batch.item', { number });
  return (
    <article className="tile" data-status={item?.status ?? 'QUEUED'} data-workflow={job?.workflow}>
      <div className="tile-head">
        <h3>
          <Link className="card-link" href={jobPath(projectId, id)}>
            {name}
          </Link>
        </h3>
        <StatusBadge status={item?.status ?? 'QUEUED'} />
      </div>
      <p className="tile-message muted">{job?.error?.message ?? job?.message}</p>
      <div className="row between">
        <span className="number">{formatPercent(progress)}</span>
        <span className="muted">{job !== undefined && <Elapsed job={job} />}</span>
      </div>
      <div
        aria-label={text('job.progress', { job: name })}
        aria-valuemax={100}
        aria-valuemin={0}
        aria-valuenow={Math.floor(progress * 100)}
        className="thin-bar"
        role="progressbar"
      >
        <div className="track-fill" style={{ transform: `translateX(${progress * 100 - 100}%)` }} />
      </div>
    </article>
  );
}
