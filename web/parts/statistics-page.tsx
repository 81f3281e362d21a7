/** How long each step of each workflow takes in this project, and how many jobs get done. */
import { useEffect, useState } from 'react';
import { useProject } from '../state/project-context.ts';
import { loadRuns, MAX_RUNS, type Spread, summarise, type WorkflowStatistics } from '../state/statistics.ts';
import { useValue } from '../state/value.ts';
import { loadWorkflows, workflows } from '../state/workflows.ts';
import { explainRequest } from '../text/explain-request.ts';
import { formatSeconds, formatSpread } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { Logo, WorkflowIcon } from './icons.tsx';
import { SubPage } from './sub-page.tsx';

/** Runs that end within this time are loaded together. */
const SETTLE_MS = 1_000;

export function StatisticsPage() {
  const text = useText();
  const project = useProject();
  const { loaded, failure, retry } = useStatistics(project.id);
  return (
    <SubPage className="statistics-page" title={text('statistics.title')}>
      {failure !== null && (
        <div className="nothing" role="alert">
          <p>{text('statistics.failed', { reason: explainRequest(failure, text) })}</p>
          <button className="button" onClick={retry} type="button">
            {text('list.again')}
          </button>
        </div>
      )}
      {failure === null && loaded === null && (
        <p className="nothing" role="status">
          {text('statistics.loading')}
        </p>
      )}
      {failure === null && loaded?.length === 0 && (
        <section className="nothing">
          <Logo />
          <h2>{text('statistics.empty')}</h2>
          <p>{text('statistics.emptyHint')}</p>
        </section>
      )}
      {failure === null && loaded !== null && loaded.length > 0 && (
        <>
          <p className="muted">{text('statistics.about', { most: MAX_RUNS })}</p>
          <div className="statistics">
            {loaded.map((statistics) => (
              <WorkflowPanel key={statistics.workflow} statistics={statistics} />
            ))}
          </div>
        </>
      )}
    </SubPage>
  );
}

/** Reloads when a run has ended, and when the connection is back after a failure. */
function useStatistics(projectId: string) {
  const project = useProject();
  const [loaded, setLoaded] = useState<readonly WorkflowStatistics[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const { all, failure: unknown } = useValue(workflows);
  const retry = (): void => {
    if (all === null) void loadWorkflows();
    setTries((before) => before + 1);
  };
  const ended = useValue(project.lastCompletion);
  const { name } = useValue(project.connection);
  const back = failure !== null && name === 'live';
  // biome-ignore lint/correctness/useExhaustiveDependencies: tries and back ask once more
  useEffect(() => {
    if (all === null) return;
    const stop = new AbortController();
    const load = async (): Promise<void> => {
      try {
        const each = await Promise.all(
          all.map(async ({ workflow }) =>
            summarise(workflow, await loadRuns(projectId, workflow, stop.signal), Date.now()),
          ),
        );
        if (stop.signal.aborted) return;
        setLoaded(each.filter((one) => one !== null));
        setFailure(null);
      } catch (error) {
        if (!stop.signal.aborted) setFailure(error);
      }
    };
    const timer = setTimeout(() => void load(), ended === null ? 0 : SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [projectId, all, ended, tries, back]);
  return { loaded, failure: failure ?? (all === null ? unknown : null), retry };
}

function WorkflowPanel({ statistics }: { readonly statistics: WorkflowStatistics }) {
  const text = useText();
  const { workflow, runs, whole, lastHour, lastDay } = statistics;
  const name = text.workflow(workflow);
  const count = ({ count: number, atLeast }: WorkflowStatistics['lastDay']): string =>
    atLeast ? text('statistics.atLeast', { count: number }) : String(number);
  const facts: readonly (readonly [string, string])[] = [
    [text('statistics.median'), formatSeconds(whole.median, text.language)],
    [text('statistics.spread'), formatSpread(whole.low, whole.high, text.language)],
    [text('statistics.runs'), String(runs)],
    [text('statistics.hour'), count(lastHour)],
    [text('statistics.day'), count(lastDay)],
  ];
  return (
    <section aria-label={name} className="panel" data-workflow={workflow}>
      <h2>
        <span className="card-icon">
          <WorkflowIcon workflow={workflow} />
        </span>
        {name}
      </h2>
      <dl className="facts compact">
        {facts.map(([label, value]) => (
          <div className="fact" key={label}>
            <dt>{label}</dt>
            <dd className="number">{value}</dd>
          </div>
        ))}
      </dl>
      <StepTimes statistics={statistics} />
    </section>
  );
}

function StepTimes({ statistics }: { readonly statistics: WorkflowStatistics }) {
  const text = useText();
  const { workflow, steps, wait, whole } = statistics;
  const longest = Math.max(...steps.map(({ time }) => time.high), 0.001);
  return (
    <table className="times">
      <caption className="sr-only">{text('statistics.steps', { workflow: text.workflow(workflow) })}</caption>
      <thead>
        <tr>
          <th scope="col">{text('statistics.step')}</th>
          <th scope="col">{text('statistics.median')}</th>
          <th scope="col">{text('statistics.spread')}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(({ name, time }) => (
          <TimeRow key={name} longest={longest} name={text.step(workflow, name)} time={time} />
        ))}
      </tbody>
      <tfoot>
        <TimeRow name={text('statistics.whole')} time={whole} />
        <TimeRow name={text('statistics.wait')} time={wait} />
      </tfoot>
    </table>
  );
}

interface TimeRowProps {
  readonly name: string;
  readonly time: Spread;
  /** The seconds that the full width of a bar represents; default: no bar. */
  readonly longest?: number;
}

function TimeRow({ name, time, longest }: TimeRowProps) {
  const text = useText();
  return (
    <tr>
      <th scope="row">
        {name}
        {longest !== undefined && <TimeBar longest={longest} time={time} />}
      </th>
      <td className="number">{formatSeconds(time.median, text.language)}</td>
      <td className="number muted">{formatSpread(time.low, time.high, text.language)}</td>
    </tr>
  );
}

/** The middle 80 % as a bar, the median as a line; the numbers are shown beside it. */
function TimeBar({ time, longest }: { readonly time: Spread; readonly longest: number }) {
  const at = (seconds: number): string => `${(seconds / longest) * 100}%`;
  return (
    <span aria-hidden="true" className="time-bar">
      <span className="time-done" style={{ width: at(time.median) }} />
      <span className="time-spread" style={{ left: at(time.low), width: at(time.high - time.low) }} />
      <span className="time-median" style={{ left: at(time.median) }} />
    </span>
  );
}
