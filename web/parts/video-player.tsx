/**
 * A finished video with its subtitles as a track, and its lines beside it: the one being spoken is marked, and each can be
 * jumped to.
 */
import { useEffect, useRef, useState } from 'react';
import { formatClock } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { useMediaSource } from './media-source.ts';

interface VideoPlayerProps {
  readonly label: string;
  readonly video: string;
  readonly poster?: string;
  readonly subtitles?: string;
  /** Called when the video cannot be loaded from this link. */
  readonly onFailed: (url: string) => void;
}

export function VideoPlayer({ label, video, poster, subtitles, onFailed }: VideoPlayerProps) {
  const text = useText();
  const player = useRef<HTMLVideoElement>(null);
  const track = useRef<HTMLTrackElement>(null);
  const { lines, current } = useLines(track);
  useMediaSource(player, video, onFailed);
  const goTo = (seconds: number): void => {
    if (player.current === null) return;
    player.current.currentTime = seconds;
    void player.current.play();
  };
  return (
    <div className="player" data-lines={lines.length > 0}>
      {/* biome-ignore lint/a11y/useMediaCaption: the track is there where there are subtitles */}
      <video aria-label={label} controls playsInline poster={poster} preload="metadata" ref={player}>
        {subtitles !== undefined && (
          <track kind="subtitles" label={text('result.subtitles')} ref={track} src={subtitles} />
        )}
      </video>
      {lines.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        <section aria-label={text('result.lines')} className="lines" tabIndex={0}>
          <ol className="plain">
            {lines.map((line) => (
              <li key={line.start}>
                <button
                  aria-current={line.start === current}
                  className="line"
                  onClick={() => goTo(line.start)}
                  type="button"
                >
                  <span className="mono muted">{formatClock(line.start)}</span>
                  <span>{line.text}</span>
                </button>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}

interface Line {
  /** Seconds. */
  readonly start: number;
  readonly text: string;
}

function useLines(element: React.RefObject<HTMLTrackElement | null>) {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [current, setCurrent] = useState<number | null>(null);
  useEffect(() => {
    const track = element.current;
    if (track === null) return;
    const load = (): void => setLines([...(track.track.cues ?? [])].map(toLine));
    const change = (): void => setCurrent(track.track.activeCues?.[0]?.startTime ?? null);
    track.addEventListener('load', load);
    track.track.addEventListener('cuechange', change);
    // Loads the lines without showing them: the captions are already in the picture.
    track.track.mode = 'hidden';
    return () => {
      track.removeEventListener('load', load);
      track.track.removeEventListener('cuechange', change);
    };
  }, [element]);
  return { lines, current };
}

function toLine(cue: TextTrackCue): Line {
  // The text without the tags of WebVTT (<v NAME>).
  const text = 'getCueAsHTML' in cue ? (cue as VTTCue).getCueAsHTML().textContent : '';
  return { start: cue.startTime, text };
}
