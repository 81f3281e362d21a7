/** A project's jobs: filters, and live cards as far back as the user scrolls. */
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { isFiltered, type JobFilter } from '../state/job-filter.ts';
import { UNREADABLE, type UnreadableJob } from '../state/job-list.ts';
import { usePlace } from '../state/places.ts';
import { useProject } from '../state/project-context.ts';
import { listPath } from '../state/route.ts';
import { useValue } from '../state/value.ts';
import { workflows } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import { BulkBar } from './bulk-bar.tsx';
import { Filters } from './filters.tsx';
import { Glyph, Logo } from './icons.tsx';
import { JobGrid } from './job-grid.tsx';
import { JobTable } from './job-table.tsx';
import { Link } from './link.tsx';
import { openNewJob } from './new-job-state.ts';
import { useWriteButton } from './read-only.tsx';

interface JobsPageProps {
  readonly filter: JobFilter;
  readonly table: boolean;
}

export function JobsPage({ filter: asked, table }: JobsPageProps) {
  const filter = useKnown(asked);
  const project = useProject();
  const { id, list, connection } = project;
  const text = useText();
  const view = useSyncExternalStore(
    (listener) => list.subscribe(listener),
    () => list.view,
  );
  const { name } = useValue(connection);
  const key = JSON.stringify(filter);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the filter's content
  useEffect(() => list.setFilter(filter), [list, key]);
  useEffect(() => {
    project.listAddress = listPath(id, asked, table);
  });
  useEffect(() => {
    document.title = `${id} · Playhead`;
  }, [id]);
  usePlace(`${id} ${table} ${key}`);
  const failed = view.error !== null;
  useEffect(() => {
    if (failed && name === 'live') void list.refresh();
  }, [failed, name, list]);
  const isEmpty = !view.loading && !failed && view.unreadable.length === 0;
  return (
    <div className="jobs-page">
      <h1 className="sr-only">{text('list.title')}</h1>
      <Filters filter={filter} table={table} />
      <Unreadable jobs={view.unreadable} />
      {view.ids.length > 0 ? <Jobs table={table} /> : isEmpty && <Nothing filtered={isFiltered(filter)} />}
      {view.loading && view.ids.length === 0 && <Loading />}
      {failed && <LoadFailed reason={view.error ?? ''} retry={() => void list.refresh()} />}
    </div>
  );
}

function Jobs({ table }: { readonly table: boolean }) {
  const { list } = useProject();
  const { hasMore, ids } = list.view;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  // Stable, so that a change of the list does not re-render cards.
  const choose = useCallback(
    (some: readonly string[], isChosen: boolean): void =>
      setChosen((now) => {
        const others = [...now].filter((id) => !some.includes(id));
        return new Set(isChosen ? [...others, ...some] : others);
      }),
    [],
  );
  const loadMore = (): void => void list.loadMore();
  // Jobs that are no longer listed are no longer selected either.
  const present = new Set(ids.filter((id) => chosen.has(id)));
  return (
    <>
      {table ? (
        <JobTable choose={choose} chosen={present} hasMore={hasMore} ids={ids} loadMore={loadMore} />
      ) : (
        <JobGrid choose={choose} chosen={present} hasMore={hasMore} ids={ids} loadMore={loadMore} />
      )}
      {chosen.size > 0 && <BulkBar chosen={present} clear={() => setChosen(new Set())} />}
    </>
  );
}

/** Removes workflows that the server does not have, as from an old link: it would refuse them. */
function useKnown(filter: JobFilter): JobFilter {
  const { all } = useValue(workflows);
  const isKnown = (name: string): boolean => all === null || all.some(({ workflow }) => workflow === name);
  return { ...filter, workflow: filter.workflow.filter(isKnown) };
}

/** How many are named: a server of another version may be unable to read any. */
const UNREADABLE_NAMED = 5;

function Unreadable({ jobs }: { readonly jobs: readonly UnreadableJob[] }) {
  const text = useText();
  if (jobs.length === 0) return null;
  const more = jobs.length - UNREADABLE_NAMED;
  return (
    <section className="panel unreadable">
      <Glyph name="warning" />
      <ul className="plain">
        {jobs.slice(0, UNREADABLE_NAMED).map(({ id, reason }) => (
          <li key={id}>{text('list.unreadable', { id, code: UNREADABLE, reason })}</li>
        ))}
        {more > 0 && <li>{text('list.moreUnreadable', { count: more })}</li>}
      </ul>
    </section>
  );
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  const text = useText();
  const write = useWriteButton();
  const { id } = useProject();
  if (filtered) {
    return (
      <section className="nothing">
        <p>{text('list.noMatch')}</p>
        <Link className="button" href={listPath(id)}>
          {text('filter.clear')}
        </Link>
      </section>
    );
  }
  return (
    <section className="nothing">
      <Logo />
      <h2>{text('list.empty')}</h2>
      <p>{text('list.emptyHint')}</p>
      <button className="button primary" onClick={() => openNewJob()} type="button" {...write}>
        <Glyph name="add" />
        {text('app.new')}
      </button>
    </section>
  );
}

function Loading() {
  const text = useText();
  return (
    <p className="nothing" role="status">
      {text('list.loading')}
    </p>
  );
}

function LoadFailed({ reason, retry }: { readonly reason: string; readonly retry: () => void }) {
  const text = useText();
  return (
    <div className="nothing" role="alert">
      <p>{text('list.failed', { reason })}</p>
      <button className="button" onClick={retry} type="button">
        {text('list.again')}
      </button>
    </div>
  );
}
