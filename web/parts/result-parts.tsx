/** The parts of result views: facts, and download buttons. */
import { artifactUrl } from '../api/artifact-url.ts';
import type { ArtifactFieldsFragment } from '../generated/graphql.ts';
import { Glyph } from './icons.tsx';

export function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
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

export function Download({ artifact, label, primary = false }: DownloadProps) {
  const name = artifact.path.split('/').at(-1);
  return (
    <a className={`button${primary ? ' primary' : ''}`} download={name} href={artifactUrl(artifact)}>
      <Glyph name="down" />
      {label}
    </a>
  );
}

interface ThumbProps {
  readonly picture: ArtifactFieldsFragment;
  /** Called when the picture cannot be loaded from this link. */
  readonly onFailed: (url: string) => void;
  /** A text in its corner. */
  readonly note?: string;
}

/** A small picture in a card. */
export function Thumb({ picture, onFailed, note }: ThumbProps) {
  return (
    <span className="thumb">
      <img
        alt=""
        height="54"
        loading="lazy"
        onError={() => onFailed(picture.url)}
        src={artifactUrl(picture)}
        width="96"
      />
      {note !== undefined && <span className="thumb-time number">{note}</span>}
    </span>
  );
}
