/** A file, shown according to its type: video, sound and pictures inline, texts readable; any file can be downloaded. */
import { useEffect, useState } from 'react';
import { artifactUrl, isLink } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { formatSize } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { AudioPlayer } from './audio-player.tsx';
import { Download } from './result-parts.tsx';
import { VideoPlayer } from './video-player.tsx';

interface AnyFileProps {
  readonly artifact: ArtifactFieldsFragment;
  /** Must be called with a link that failed. */
  readonly renew: (failed: string) => void;
}

export function AnyFile({ artifact, renew }: AnyFileProps) {
  const text = useText();
  return (
    <figure className="file">
      {!isLink(artifact) && <Shown artifact={artifact} renew={renew} />}
      <figcaption className="row between wrap">
        <span>
          {artifact.name}{' '}
          <span className="muted">
            {[artifact.contentType.split(';')[0], ...sizeOf(artifact)].join(' · ')}
          </span>
        </span>
        {isLink(artifact) ? (
          <a className="button" href={artifact.url} rel="noreferrer" target="_blank">
            {text('result.open')}
          </a>
        ) : (
          <Download artifact={artifact} label={text('result.download')} />
        )}
      </figcaption>
    </figure>
  );
}

/** The size in words; nothing for a link whose size is unknown. */
function sizeOf(artifact: ArtifactFieldsFragment): readonly string[] {
  return isLink(artifact) && artifact.sizeBytes === 0 ? [] : [formatSize(artifact.sizeBytes)];
}

/** A longer text is better opened in a program made for it. */
const MAX_TEXT_BYTES = 200_000;

function Shown({ artifact, renew }: AnyFileProps) {
  const { contentType, name, sizeBytes } = artifact;
  const url = artifactUrl(artifact);
  const [kind] = contentType.split('/');
  switch (kind) {
    case 'video':
      return <VideoPlayer label={name} onFailed={renew} video={url} />;
    case 'audio':
      return <AudioPlayer onFailed={renew} source={url} />;
    case 'image':
      return <img alt={name} className="picture" onError={() => renew(artifact.url)} src={url} />;
    default:
      return isText(contentType) && sizeBytes <= MAX_TEXT_BYTES ? (
        <TextFile artifact={artifact} renew={renew} />
      ) : null;
  }
}

function isText(contentType: string): boolean {
  return /^text\/|^application\/(.*\+)?json\b/.test(contentType);
}

function TextFile({ artifact, renew }: AnyFileProps) {
  const text = useText();
  const content = useContent(artifact, renew);
  if (content === null) return null;
  if (content instanceof Error) {
    return <p className="field-error">{text('result.failed', { name: artifact.name })}</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section aria-label={artifact.name} className="text-file" tabIndex={0}>
      <pre>{/json/.test(artifact.contentType) ? indented(content) : content}</pre>
    </section>
  );
}

/** Null while loading. Loaded once: a newer link leads to the same file. */
function useContent(
  artifact: ArtifactFieldsFragment,
  renew: (failed: string) => void,
): string | Error | null {
  const [content, setContent] = useState<string | Error | null>(null);
  const url = artifactUrl(artifact);
  const isMissing = typeof content !== 'string';
  useEffect(() => {
    if (!isMissing) return;
    const stop = new AbortController();
    loadText(url, stop.signal).then(setContent, (error: Error) => {
      if (stop.signal.aborted) return;
      setContent(error);
      renew(url);
    });
    return () => stop.abort();
  }, [url, isMissing, renew]);
  return content;
}

async function loadText(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // Shown unchanged.
    return json;
  }
}
