/** Verified speech: its waveform, what was heard in it, and how similar that is to its text. */
import { artifactUrl } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { AudioPlayer } from '../parts/audio-player.tsx';
import { openNewJob } from '../parts/new-job-state.ts';
import { useWriteButton } from '../parts/read-only.tsx';
import { Download, Facts } from '../parts/result-parts.tsx';
import { useGrant } from '../state/session.ts';
import { useWorkflow } from '../state/workflows.ts';
import { formatClock, formatCost, formatPercent, formatSize } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { type CardProps, defineResultView, type PanelProps } from './result-view.tsx';

interface Speech {
  readonly audio: ArtifactFieldsFragment;
  readonly transcript: string;
  readonly similarity: number;
  readonly tries: number;
  readonly seconds: number;
  readonly costUsd: number;
}

const SUMMARY_CHARS = 60;

export const speechResult = defineResultView<Speech>({
  read: (result) => {
    const [audio, transcript] = [result.file('audio/'), result.text('transcript')];
    const [similarity, seconds] = [result.number('similarity'), result.number('totalDuration')];
    if (audio === null || transcript === null || similarity === null || seconds === null) return null;
    const [tries, costUsd] = [result.number('tries') ?? 1, result.number('totalCostUsd') ?? 0];
    return { audio, transcript, similarity, tries, seconds, costUsd };
  },
  Panel,
  Card,
  // Cut between characters, some of which take two UTF-16 code units.
  summarise: ({ seconds, transcript }) =>
    `${[...transcript].slice(0, SUMMARY_CHARS).join('')} (${formatClock(seconds)})`,
});

function Panel({ content: speech, job, renew }: PanelProps<Speech>) {
  const text = useText();
  return (
    <section className="panel result" data-workflow={job.workflow}>
      <AudioPlayer key={speech.audio.path} onFailed={renew} source={artifactUrl(speech.audio)} />
      <h2>{text('result.transcript')}</h2>
      <blockquote className="transcript">{speech.transcript}</blockquote>
      <Similarity value={speech.similarity} />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.duration'), formatClock(speech.seconds)],
            [text('result.tries'), String(speech.tries)],
            [text('result.size'), formatSize(speech.audio.sizeBytes)],
            [text('result.cost'), formatCost(speech.costUsd)],
          ]}
        />
        <div className="row wrap">
          <FaceButton jobId={job.id} />
          <Download artifact={speech.audio} label={text('result.download')} primary />
        </div>
      </div>
    </section>
  );
}

/** Shown if the server has a workflow that takes the speech further. */
function FaceButton({ jobId }: { readonly jobId: string }) {
  const text = useText();
  const write = useWriteButton();
  const next = useWorkflow('LIPSYNC');
  const isShared = useGrant().jobId !== null;
  if (next === undefined || isShared) return null;
  return (
    <button
      className="button"
      onClick={() => openNewJob({ workflow: next.workflow, items: [{ audioJobId: jobId }], from: jobId })}
      type="button"
      {...write}
    >
      {text('result.syncLips')}
    </button>
  );
}

function Similarity({ value }: { readonly value: number }) {
  const text = useText();
  return (
    <div className="similarity">
      <span className="muted">{text('result.similarity')}</span>
      <meter aria-label={text('result.similarity')} max={1} min={0} value={value} />
      <strong className="number">{formatPercent(value)}</strong>
    </div>
  );
}

function Card({ content: speech }: CardProps<Speech>) {
  const text = useText();
  return (
    <div className="card-body">
      <span className="percent number">{formatClock(speech.seconds)}</span>
      <p className="card-message">
        <span className="card-text">{speech.transcript}</span>
        <span className="muted card-step">
          {text('result.similarityOf', { percent: formatPercent(speech.similarity) })}
        </span>
      </p>
    </div>
  );
}
