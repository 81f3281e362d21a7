/** A project's jobs: filters, and live cards as far back as one scrolls. */
import { useEffect, useSyncExternalStore } from 'react';
import { type JobFilter, UNREADABLE, type UnreadableJob } from '../state/job-list.ts';
import { useProject } from '../state/project-context.ts';
import { useValue } from '../state/value.ts';
import { workflows } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import { Filters } from './filters.tsx';
import { Glyph, Logo } from './icons.tsx';
import { JobGrid } from './job-grid.tsx';
import { openNewJob } from './new-job-state.ts';
import { useWriteButton } from './read-only.tsx';

export function JobsPage({ filter: asked }: { readonly filter: JobFilter }) {
  const filter = useKnown(asked);
  const { id, list, connection } = useProject();
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
    document.title = `${id} · Playhead`;
  }, [id]);
  const failed = view.error !== null;
  useEffect(() => {
    if (failed && name === 'live') void list.refresh();
  }, [failed, name, list]);
  const filtered = filter.status.length + filter.workflow.length > 0;
  const isEmpty = !view.loading && !failed && view.unreadable.length === 0;
  return (
    <div className="jobs-page">
      <h1 className="sr-only">{text('list.title')}</h1>
      <Filters filter={filter} />
      <Unreadable jobs={view.unreadable} />
      {view.ids.length > 0 ? (
        <JobGrid hasMore={view.hasMore} ids={view.ids} loadMore={() => void list.loadMore()} />
      ) : (
        isEmpty && <Nothing filtered={filtered} />
      )}
      {view.loading && view.ids.length === 0 && <Loading />}
      {failed && <LoadFailed reason={view.error ?? ''} retry={() => void list.refresh()} />}
    </div>
  );
}

/** Without workflows that the server does not have, as of an old link: it would refuse them. */
function useKnown(filter: JobFilter): JobFilter {
  const { all } = useValue(workflows);
  const isKnown = (name: string): boolean => all === null || all.some(({ workflow }) => workflow === name);
  return { ...filter, workflow: filter.workflow.filter(isKnown) };
}

/** So many are named; a server of another version may be unable to read any. */
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
  if (filtered) return <p className="nothing">{text('list.noMatch')}</p>;
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
