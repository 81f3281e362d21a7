/** A finished film: the video with its captions, and its lines beside it. */
import { artifactUrl } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { Download, Facts, Thumb } from '../parts/result-parts.tsx';
import { VideoPlayer } from '../parts/video-player.tsx';
import { formatClock, formatCost, formatSize } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { type CardProps, defineResultView, type PanelProps } from './result-view.tsx';

interface Film {
  readonly video: ArtifactFieldsFragment;
  readonly subtitles: ArtifactFieldsFragment;
  readonly thumbnail: ArtifactFieldsFragment;
  readonly clips: number;
  readonly seconds: number;
  readonly costUsd: number;
}

export const filmResult = defineResultView<Film>({
  read: (result) => {
    const [video, subtitles, thumbnail] = [
      result.file('video/'),
      result.file('text/vtt'),
      result.file('image/'),
    ];
    const [clips, seconds] = [result.number('clips'), result.number('totalDuration')];
    if (video === null || subtitles === null || thumbnail === null) return null;
    if (clips === null || seconds === null) return null;
    return { video, subtitles, thumbnail, clips, seconds, costUsd: result.number('totalCostUsd') ?? 0 };
  },
  Panel,
  Card,
  summarise: ({ seconds }) => formatClock(seconds),
});

function Panel({ content: film, renew }: PanelProps<Film>) {
  const text = useText();
  return (
    <section className="panel result">
      <VideoPlayer
        key={film.video.path}
        label={text('result.video')}
        onFailed={renew}
        poster={artifactUrl(film.thumbnail)}
        subtitles={artifactUrl(film.subtitles)}
        video={artifactUrl(film.video)}
      />
      <div className="row between wrap">
        <Facts
          facts={[
            [text('result.duration'), formatClock(film.seconds)],
            [text('result.clips'), String(film.clips)],
            [text('result.size'), formatSize(film.video.sizeBytes)],
            [text('result.cost'), formatCost(film.costUsd)],
          ]}
        />
        <div className="row wrap">
          <Download artifact={film.video} label={text('result.download')} primary />
          <Download artifact={film.subtitles} label={text('result.downloadSubtitles')} />
        </div>
      </div>
    </section>
  );
}

function Card({ content: film, renew }: CardProps<Film>) {
  const text = useText();
  return (
    <div className="card-body">
      <Thumb note={formatClock(film.seconds)} onFailed={renew} picture={film.thumbnail} />
      <p className="card-message">
        <strong>{text('result.video')}</strong>
        <span className="muted card-step">
          {text('result.clipCount', { count: film.clips })} · {formatSize(film.video.sizeBytes)}
        </span>
      </p>
    </div>
  );
}
