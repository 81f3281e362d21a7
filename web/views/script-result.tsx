/** A written script: its text, and a button to make a film of it. */
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { Glyph } from '../parts/icons.tsx';
import { openNewJob } from '../parts/new-job-state.ts';
import { useWriteButton } from '../parts/read-only.tsx';
import { Download, Facts } from '../parts/result-parts.tsx';
import { useGrant } from '../state/session.ts';
import { useWorkflow } from '../state/workflows.ts';
import { formatClock, formatCost } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { type CardProps, defineResultView, type PanelProps } from './result-view.tsx';
import { ScriptText } from './script-text.tsx';

interface Script {
  readonly file: ArtifactFieldsFragment;
  readonly title: string;
  readonly text: string;
  readonly scenes: number;
  readonly seconds: number;
  readonly costUsd: number;
}

export const scriptResult = defineResultView<Script>({
  read: (result) => {
    const [file, title, text] = [result.file('text/'), result.text('title'), result.text('text')];
    const [scenes, seconds] = [result.number('scenes'), result.number('estimatedDuration')];
    if (file === null || title === null || text === null || scenes === null || seconds === null) return null;
    return { file, title, text, scenes, seconds, costUsd: result.number('totalCostUsd') ?? 0 };
  },
  Panel,
  Card,
  summarise: ({ title }) => title,
});

function Panel({ content: script, job }: PanelProps<Script>) {
  const text = useText();
  return (
    <section className="panel result" data-workflow={job.workflow}>
      <h2>{script.title}</h2>
      <ScriptText text={script.text} />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.scenes'), String(script.scenes)],
            [text('result.duration'), `≈ ${formatClock(script.seconds)}`],
            [text('result.cost'), formatCost(script.costUsd)],
          ]}
        />
        <div className="row wrap">
          <Download artifact={script.file} label={text('result.download')} />
          <FilmButton jobId={job.id} script={script} />
        </div>
      </div>
    </section>
  );
}

/** Shown if the server has a workflow that makes a film of it. */
function FilmButton({ jobId, script }: { readonly jobId: string; readonly script: Script }) {
  const text = useText();
  const write = useWriteButton();
  const next = useWorkflow('DIRECTOR');
  const isShared = useGrant().jobId !== null;
  if (next === undefined || isShared) return null;
  const items = [{ script: script.text, title: script.title }];
  return (
    <button
      className="button primary"
      onClick={() => openNewJob({ workflow: next.workflow, items, from: jobId })}
      type="button"
      {...write}
    >
      <Glyph name="play" />
      {text('result.makeVideo')}
    </button>
  );
}

function Card({ content: script }: CardProps<Script>) {
  const text = useText();
  return (
    <div className="card-body">
      <p className="card-message">
        <strong className="card-text">{script.title}</strong>
        <span className="muted card-step">{text('result.sceneCount', { count: script.scenes })}</span>
      </p>
    </div>
  );
}
