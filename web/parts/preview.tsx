/** What a job shows of its work while it is made. */
import { useEffect, useState } from 'react';
import { artifactUrl, isLink } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { useText } from '../text/use-text.ts';

interface PreviewProps {
  readonly preview: ArtifactFieldsFragment | null;
  /** On a card, where a picture has room and a player has none. */
  readonly small?: boolean;
}

export function Preview({ preview, small = false }: PreviewProps) {
  if (preview === null || (small && isLink(preview))) return null;
  if (isLink(preview)) return <LinkToPreview preview={preview} />;
  if (preview.contentType.startsWith('image/')) return <Picture preview={preview} />;
  return preview.contentType.startsWith('audio/') && !small ? <Sound preview={preview} /> : null;
}

interface Shown {
  readonly preview: ArtifactFieldsFragment;
}

/** The picture before stays until the next one is there: it may be gone again before it could be fetched. */
function Picture({ preview }: Shown) {
  const text = useText();
  const [url, setUrl] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every event signs the same file anew
  useEffect(() => {
    const next = artifactUrl(preview);
    const image = new Image();
    image.onload = () => setUrl(next);
    image.src = next;
    return () => {
      image.onload = null;
    };
  }, [preview.path]);
  return url === null ? null : <img alt={text('job.preview')} className="preview" src={url} />;
}

/** The page shows nothing of other origins in place. */
function LinkToPreview({ preview }: Shown) {
  const text = useText();
  return (
    <p className="preview">
      <a href={preview.url} rel="noreferrer" target="_blank">
        {text('job.preview')}
      </a>
    </p>
  );
}

function Sound({ preview }: Shown) {
  const text = useText();
  return (
    // biome-ignore lint/a11y/useMediaCaption: a second of speech whose text stands on the page
    <audio
      aria-label={text('job.preview')}
      className="preview"
      controls
      key={preview.path}
      preload="none"
      src={artifactUrl(preview)}
    />
  );
}
