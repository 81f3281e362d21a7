/** Speech as a waveform: click, drag or use the arrow keys to seek. */
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { formatClock } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { useMediaSource } from './media-source.ts';

const BARS = 120;

interface AudioPlayerProps {
  readonly source: string;
  /** Called when the speech cannot be loaded from this link. */
  readonly onFailed: (url: string) => void;
}

export function AudioPlayer({ source, onFailed }: AudioPlayerProps) {
  const text = useText();
  const audio = useRef<HTMLAudioElement>(null);
  const { playing, at, duration } = usePlayback(audio);
  const peaks = usePeaks(source);
  useMediaSource(audio, source, onFailed);
  const toggle = (): void => {
    const { current } = audio;
    if (current === null) return;
    if (current.paused) void current.play();
    else current.pause();
  };
  const share = duration > 0 ? at / duration : 0;
  return (
    <div className="audio-player">
      {/* biome-ignore lint/a11y/useMediaCaption: the transcript stands below */}
      <audio preload="metadata" ref={audio} />
      <button
        aria-label={text(playing ? 'player.pause' : 'player.play')}
        className="button round primary"
        onClick={toggle}
        type="button"
      >
        <Glyph name={playing ? 'pause' : 'play'} />
      </button>
      <div className="wave" style={{ '--at': share } as CSSProperties}>
        <Wave peaks={peaks} />
        <input
          aria-label={text('player.position')}
          aria-valuetext={`${formatClock(at)} / ${formatClock(duration)}`}
          max={duration || 1}
          min={0}
          onChange={(event) => {
            if (audio.current !== null) audio.current.currentTime = Number(event.target.value);
          }}
          step={0.01}
          type="range"
          value={at}
        />
      </div>
      <span className="number muted">
        {formatClock(at)} / {formatClock(duration)}
      </span>
    </div>
  );
}

function Wave({ peaks }: { readonly peaks: readonly number[] }) {
  const path = peaks
    .map((peak, index) => {
      const half = Math.max(0.02, peak) * 48;
      return `M${index * 5 + 2.5} ${50 - half}v${half * 2}`;
    })
    .join('');
  return (
    <svg aria-hidden="true" preserveAspectRatio="none" viewBox={`0 0 ${BARS * 5} 100`}>
      <path className="wave-rest" d={path} />
      <path className="wave-done" d={path} />
    </svg>
  );
}

function usePlayback(audio: React.RefObject<HTMLAudioElement | null>) {
  const [state, setState] = useState({ playing: false, at: 0, duration: 0 });
  useEffect(() => {
    const element = audio.current;
    if (element === null) return;
    let frame = 0;
    const read = (): void => {
      setState({ playing: !element.paused, at: element.currentTime, duration: element.duration || 0 });
      cancelAnimationFrame(frame);
      if (!element.paused) frame = requestAnimationFrame(read);
    };
    const events = ['play', 'pause', 'seeked', 'timeupdate', 'loadedmetadata', 'durationchange', 'ended'];
    for (const name of events) element.addEventListener(name, read);
    read();
    return () => {
      cancelAnimationFrame(frame);
      for (const name of events) element.removeEventListener(name, read);
    };
  }, [audio]);
  return state;
}

/** The loudest sample of each of BARS parts, 0..1 relative to the loudest of all. */
function usePeaks(source: string): readonly number[] {
  const [peaks, setPeaks] = useState<readonly number[]>(() => Array.from({ length: BARS }, () => 0.1));
  useEffect(() => {
    const stop = new AbortController();
    readPeaks(source, stop.signal).then(setPeaks, (error: unknown) => {
      // The waveform is decoration: the speech plays without it.
      if (!stop.signal.aborted) console.warn('No waveform', error);
    });
    return () => stop.abort();
  }, [source]);
  return peaks;
}

async function readPeaks(source: string, signal: AbortSignal): Promise<readonly number[]> {
  const response = await fetch(source, { signal });
  const decoded = await new OfflineAudioContext(1, 1, 8_000).decodeAudioData(await response.arrayBuffer());
  const samples = decoded.getChannelData(0);
  const width = samples.length / BARS;
  const peaks = Array.from({ length: BARS }, (_, index) =>
    samples
      .subarray(Math.floor(index * width), Math.ceil((index + 1) * width))
      .reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
  );
  const loudest = Math.max(...peaks, 0.001);
  return peaks.map((peak) => peak / loudest);
}
