/** What a running job shows of its work. */
import { useEffect, useState } from 'react';
import { artifactUrl, isLink } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { useText } from '../text/use-text.ts';

interface PreviewProps {
  readonly preview: ArtifactFieldsFragment | null;
  /** On a card, which has room for a picture but not for a player. */
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

/** The previous picture stays until the next one is loaded, which may be gone before it can be fetched. */
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

/** The page shows nothing from other origins inline. */
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
