/**
 * When a job did what, on a time axis: how long it waited, its steps and its retries, attempt by attempt; and in each step the
 * lines of the step, its programs and providers. For a running job, the bars grow.
 */
import { memo, useMemo } from 'react';
import { useNow } from '../state/clock.ts';
import type { Story, StoryLine } from '../state/job-story.ts';
import { hasEnded, isBatch, type JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { type AttemptTrack, buildTimeline, rangeOf, type Span, ticksOf } from '../state/timeline.ts';
import { formatSeconds, formatWhole } from '../text/format.ts';
import { useText } from '../text/use-text.ts';

interface TimelineProps {
  readonly job: JobView;
  readonly story: Story;
}

export function Timeline({ job, story }: TimelineProps) {
  const tracks = useMemo(() => buildTimeline(job, story.rows, story.lines), [job, story]);
  if (!story.isLoaded || tracks.every(({ spans }) => spans.length === 0)) return null;
  return hasEnded(job) ? (
    <Chart job={job} now={0} tracks={tracks} />
  ) : (
    <LiveChart job={job} tracks={tracks} />
  );
}

interface ChartProps {
  readonly job: JobView;
  readonly tracks: readonly AttemptTrack[];
}

function LiveChart(props: ChartProps) {
  const { store } = useProject();
  return <Chart {...props} now={useNow() + store.clockOffset} />;
}

const MOST_TICKS = 4;
/** A tick beyond this share of the axis has its text on the left. */
const FAR_RIGHT = 0.85;

function Chart({ job, now, tracks }: ChartProps & { readonly now: number }) {
  const text = useText();
  const range = rangeOf(job, tracks, now);
  const seconds = (range.to - range.from) / 1000;
  // A batch has the attempts of its items, which are shown on their own pages.
  const isNamed = tracks.length > 1 || tracks.some(({ worker }) => worker !== null);
  return (
    <section className="panel timeline" data-workflow={job.workflow}>
      <h2>{text('timeline.title')}</h2>
      <div aria-hidden="true" className="timeline-axis timeline-row">
        <span />
        <span className="timeline-plot">
          {ticksOf(seconds, MOST_TICKS).map((tick) => (
            <span
              className="timeline-tick number"
              data-side={tick / seconds > FAR_RIGHT ? 'left' : 'right'}
              key={tick}
              style={{ left: `${(tick / seconds) * 100}%` }}
            >
              {tick === 0 ? '0' : formatSeconds(tick, text.language)}
            </span>
          ))}
        </span>
        <span />
      </div>
      {tracks.map((track) => (
        <div className="timeline-attempt" key={track.attempt}>
          {isNamed && !isBatch(job) && <AttemptHead track={track} />}
          {track.spans.map((span) => (
            <SpanRow
              key={`${span.kind} ${span.from} ${span.step}`}
              now={span.to === null ? now : span.to}
              rangeFrom={range.from}
              rangeTo={range.to}
              span={span}
              workflow={job.workflow}
            />
          ))}
        </div>
      ))}
    </section>
  );
}

function AttemptHead({ track: { attempt, failure, worker } }: { readonly track: AttemptTrack }) {
  const text = useText();
  return (
    <h3 className="timeline-head">
      {text('timeline.attempt', { attempt })}
      {worker !== null && <span className="muted mono small">{worker}</span>}
      {failure !== null && (
        <span className="timeline-failure">
          <span className="code">{failure.code ?? text('timeline.lost')}</span>
          <span className="muted">{failure.text}</span>
        </span>
      )}
    </h3>
  );
}

interface SpanRowProps {
  readonly span: Span;
  readonly workflow: string;
  readonly rangeFrom: number;
  readonly rangeTo: number;
  readonly now: number;
}

const NAMES = { queue: 'timeline.queue', retry: 'timeline.retry', step: 'job.step' } as const;

const SpanRow = memo(function SpanRow({ now, rangeFrom, rangeTo, span, workflow }: SpanRowProps) {
  const text = useText();
  const whole = rangeTo - rangeFrom;
  const left = ((span.from - rangeFrom) / whole) * 100;
  const width = (Math.max(0, now - span.from) / whole) * 100;
  const name = span.step === null ? text(NAMES[span.kind]) : text.step(workflow, span.step);
  const row = (
    <>
      <span className="timeline-name">
        {name}
        <span className="sr-only">, {text(`timeline.${span.status}`)}</span>
        {span.lines.length > 0 && <LineCount lines={span.lines} />}
      </span>
      <span className="timeline-plot" title={formatWhole(new Date(span.from).toISOString(), text.language)}>
        <span
          className="timeline-bar"
          data-kind={span.kind}
          data-status={span.status}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
      </span>
      <span className="timeline-time number">
        {span.status === 'KEPT'
          ? text('timeline.KEPT')
          : formatSeconds(Math.max(0, now - span.from) / 1000, text.language)}
      </span>
    </>
  );
  if (span.lines.length === 0) return <div className="timeline-row">{row}</div>;
  return (
    <details className="timeline-step">
      <summary className="timeline-row">{row}</summary>
      <Lines from={span.from} lines={span.lines} />
    </details>
  );
});

function LineCount({ lines }: { readonly lines: readonly StoryLine[] }) {
  const text = useText();
  const isGrave = lines.some(({ level }) => level !== 'info');
  return (
    <span className={isGrave ? 'timeline-count grave number' : 'timeline-count number'}>
      {lines.length}
      <span className="sr-only"> {text('timeline.lines')}</span>
    </span>
  );
}

const Lines = memo(function Lines({ from, lines }: { from: number; lines: readonly StoryLine[] }) {
  const text = useText();
  return (
    <ol className="plain timeline-lines">
      {lines.map(({ durationMs, id, level, source, text: said, timestamp }) => (
        <li key={id}>
          <time className="mono muted" dateTime={timestamp} title={formatWhole(timestamp, text.language)}>
            +{formatSeconds(Math.max(0, Date.parse(timestamp) - from) / 1000, text.language)}
          </time>
          {source !== null && <span className="code">{source}</span>}
          <span className={source === null ? 'timeline-said own' : 'timeline-said'} data-level={level}>
            {said}
          </span>
          <span className="muted number">
            {durationMs === null ? '' : formatSeconds(durationMs / 1000, text.language)}
          </span>
        </li>
      ))}
    </ol>
  );
});
