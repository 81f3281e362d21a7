/** A speaking character: the video, and its mouth shapes over time. */
import { artifactUrl } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { Download, Facts } from '../parts/result-parts.tsx';
import { VideoPlayer } from '../parts/video-player.tsx';
import { formatClock, formatCost, formatSize } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { CueStrip } from './cue-strip.tsx';
import { type CardProps, defineResultView, type PanelProps } from './result-view.tsx';

interface TalkingHead {
  readonly video: ArtifactFieldsFragment;
  readonly cues: ArtifactFieldsFragment;
  readonly seconds: number;
  readonly costUsd: number;
}

export const talkingHeadResult = defineResultView<TalkingHead>({
  read: (result) => {
    const [video, cues] = [result.file('video/'), result.file('application/json')];
    const seconds = result.number('totalDuration');
    if (video === null || cues === null || seconds === null) return null;
    return { video, cues, seconds, costUsd: result.number('totalCostUsd') ?? 0 };
  },
  Panel,
  Card,
  summarise: ({ seconds }) => formatClock(seconds),
});

function Panel({ content: head, job, renew }: PanelProps<TalkingHead>) {
  const text = useText();
  return (
    <section className="panel result" data-workflow={job.workflow}>
      <VideoPlayer
        key={head.video.path}
        label={text('result.video')}
        onFailed={renew}
        video={artifactUrl(head.video)}
      />
      <CueStrip source={artifactUrl(head.cues)} />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.duration'), formatClock(head.seconds)],
            [text('result.size'), formatSize(head.video.sizeBytes)],
            [text('result.cost'), formatCost(head.costUsd)],
          ]}
        />
        <div className="row wrap">
          <Download artifact={head.video} label={text('result.download')} primary />
          <Download artifact={head.cues} label={text('result.cuesFile')} />
        </div>
      </div>
    </section>
  );
}

function Card({ content: head }: CardProps<TalkingHead>) {
  const text = useText();
  return (
    <div className="card-body">
      <span className="percent number">{formatClock(head.seconds)}</span>
      <p className="card-message">
        <strong>{text('result.video')}</strong>
        <span className="muted card-step">{formatSize(head.video.sizeBytes)}</span>
      </p>
    </div>
  );
}
