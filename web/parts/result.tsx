/** What a job made, in its own form. */
import { artifactUrl } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import type { JobResult, JobView } from '../state/job-view.ts';
import { formatClock, formatCost, formatPercent, formatSize } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { AudioPlayer } from './audio-player.tsx';
import { CueStrip } from './cue-strip.tsx';
import { useFreshLinks } from './fresh-links.ts';
import { Glyph } from './icons.tsx';
import { openNewJob } from './new-job-state.ts';
import { useWriteButton } from './read-only.tsx';
import { ScriptText } from './script-text.tsx';
import { VideoPlayer } from './video-player.tsx';

export function Result({ job, result }: { readonly job: JobView; readonly result: JobResult }) {
  const renew = useFreshLinks(job.id, result);
  switch (result.__typename) {
    case 'VideoResult':
      return <Video renew={renew} result={result} />;
    case 'AudioResult':
      return <Audio job={job} renew={renew} result={result} />;
    case 'ScriptResult':
      return <Script result={result} />;
    case 'LipsyncResult':
      return <Lipsync renew={renew} result={result} />;
    case 'BatchResult':
      // The items say it all.
      return null;
  }
}

type Of<Name extends JobResult['__typename']> = { readonly result: Extract<JobResult, { __typename: Name }> };
type OfMedia<Name extends JobResult['__typename']> = Of<Name> & { readonly renew: (failed: string) => void };

function Video({ renew, result }: OfMedia<'VideoResult'>) {
  const text = useText();
  return (
    <section className="panel result">
      <VideoPlayer
        key={result.video.path}
        label={text('result.video')}
        onFailed={renew}
        poster={artifactUrl(result.thumbnail)}
        subtitles={artifactUrl(result.subtitles)}
        video={artifactUrl(result.video)}
      />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.duration'), formatClock(result.totalDuration)],
            [text('result.clips'), String(result.clips)],
            [text('result.size'), formatSize(result.video.sizeBytes)],
            [text('result.cost'), formatCost(result.totalCostUsd)],
          ]}
        />
        <div className="row wrap">
          <Download artifact={result.video} label={text('result.download')} primary />
          <Download artifact={result.subtitles} label={text('result.downloadSubtitles')} />
        </div>
      </div>
    </section>
  );
}

function Audio({ job, renew, result }: OfMedia<'AudioResult'> & { readonly job: JobView }) {
  const text = useText();
  const write = useWriteButton();
  return (
    <section className="panel result" data-workflow="AUDIO">
      <AudioPlayer key={result.audio.path} onFailed={renew} source={artifactUrl(result.audio)} />
      <h2>{text('result.transcript')}</h2>
      <blockquote className="transcript">{result.transcript}</blockquote>
      <Similarity value={result.similarity} />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.duration'), formatClock(result.totalDuration)],
            [text('result.tries'), String(result.tries)],
            [text('result.size'), formatSize(result.audio.sizeBytes)],
            [text('result.cost'), formatCost(result.totalCostUsd)],
          ]}
        />
        <div className="row wrap">
          <button
            className="button"
            onClick={() => openNewJob({ workflow: 'LIPSYNC', audioJobId: job.id })}
            type="button"
            {...write}
          >
            {text('result.syncLips')}
          </button>
          <Download artifact={result.audio} label={text('result.download')} primary />
        </div>
      </div>
    </section>
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

function Script({ result }: Of<'ScriptResult'>) {
  const text = useText();
  const write = useWriteButton();
  return (
    <section className="panel result" data-workflow="WRITER">
      <h2>{result.title}</h2>
      <ScriptText text={result.text} />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.scenes'), String(result.scenes)],
            [text('result.duration'), `≈ ${formatClock(result.estimatedDuration)}`],
            [text('result.cost'), formatCost(result.totalCostUsd)],
          ]}
        />
        <div className="row wrap">
          <Download artifact={result.script} label={text('result.download')} />
          <button
            className="button primary"
            onClick={() => openNewJob({ workflow: 'DIRECTOR', script: result.text, title: result.title })}
            type="button"
            {...write}
          >
            <Glyph name="play" />
            {text('result.makeVideo')}
          </button>
        </div>
      </div>
    </section>
  );
}

function Lipsync({ renew, result }: OfMedia<'LipsyncResult'>) {
  const text = useText();
  return (
    <section className="panel result" data-workflow="LIPSYNC">
      <VideoPlayer
        key={result.video.path}
        label={text('result.video')}
        onFailed={renew}
        video={artifactUrl(result.video)}
      />
      <CueStrip source={artifactUrl(result.cues)} />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.duration'), formatClock(result.totalDuration)],
            [text('result.size'), formatSize(result.video.sizeBytes)],
            [text('result.cost'), formatCost(result.totalCostUsd)],
          ]}
        />
        <div className="row wrap">
          <Download artifact={result.video} label={text('result.download')} primary />
          <Download artifact={result.cues} label={text('result.cuesFile')} />
        </div>
      </div>
    </section>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className="facts compact">
      {facts.map(([name, value]) => (
        <div className="fact" key={name}>
          <dt>{name}</dt>
          <dd className="number">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface DownloadProps {
  readonly artifact: ArtifactFieldsFragment;
  readonly label: string;
  readonly primary?: boolean;
}

function Download({ artifact, label, primary = false }: DownloadProps) {
  const name = artifact.path.split('/').at(-1);
  return (
    <a className={`button${primary ? ' primary' : ''}`} download={name} href={artifactUrl(artifact)}>
      <Glyph name="down" />
      {label}
    </a>
  );
}
