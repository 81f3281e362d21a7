/** A result without a view of its own: its files by type, its data as facts. */
import type { ReactNode } from 'react';
import { isLink } from '../api/artifact-url.ts';
import type { JobResult, JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { useWorkflow } from '../state/workflows.ts';
import { formatSize } from '../text/format.ts';
import { type Text, useText } from '../text/use-text.ts';
import { inWords } from '../text/words.ts';
import { AnyFile } from './any-file.tsx';
import { Facts, Thumb } from './result-parts.tsx';

interface AnyResultProps {
  readonly job: JobView;
  readonly result: JobResult;
  readonly renew: (failed: string) => void;
}

export function AnyResult({ job, result, renew }: AnyResultProps) {
  const text = useText();
  const { short, long } = useData(job.workflow, result);
  return (
    <section className="panel result" data-workflow={job.workflow}>
      <h2>{text('result.title')}</h2>
      {result.artifacts.map((artifact) => (
        <AnyFile artifact={artifact} key={artifact.path || artifact.url} renew={renew} />
      ))}
      {short.length > 0 && <Facts facts={short} />}
      {long.map(([name, value]) => (
        <div className="long-fact" key={name}>
          <h3 className="small-title">{name}</h3>
          {value}
        </div>
      ))}
    </section>
  );
}

/** The same in a card: a picture, the number and size of the files, and the first facts. */
export function AnyOutcome({ job, result }: Omit<AnyResultProps, 'renew'>) {
  const text = useText();
  const { links } = useProject();
  const { short } = useData(job.workflow, result);
  const picture = result.artifacts.find(
    (artifact) => artifact.contentType.startsWith('image/') && !isLink(artifact),
  );
  const [file] = result.artifacts;
  const size = result.artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const count = text('result.files', { count: result.artifacts.length });
  const files = size === 0 ? count : `${count} · ${formatSize(size)}`;
  const facts = short.slice(0, 2).map(([name, value]) => `${name}: ${value}`);
  return (
    <div className="card-body">
      {picture !== undefined && <Thumb onFailed={(url) => links.renew(job.id, url)} picture={picture} />}
      <p className="card-message">
        <strong className="card-text">{file?.name ?? text('result.title')}</strong>
        <span className="muted card-step">
          {[...(file === undefined ? [] : [files]), ...facts].join(' · ')}
        </span>
      </p>
    </div>
  );
}

/** A text longer than this, or with several lines, is shown separately. */
const SHORT_CHARS = 80;

interface Data {
  readonly short: readonly (readonly [name: string, value: string])[];
  readonly long: readonly (readonly [name: string, value: ReactNode])[];
}

/** The fields that are not files, named as in the result's schema. */
function useData(workflow: string, { data }: JobResult): Data {
  const text = useText();
  const schema = Object(useWorkflow(workflow)?.resultSchema) as { readonly properties?: unknown };
  const properties = Object(schema.properties) as Readonly<Record<string, { readonly title?: string }>>;
  const short: [string, string][] = [];
  const long: [string, ReactNode][] = [];
  // A tracked job's data may be any JSON.
  const fields = typeof data === 'object' && !Array.isArray(data) ? Object(data) : { result: data };
  for (const [field, value] of Object.entries(fields as object)) {
    if (value === null) continue;
    const name = properties[field]?.title ?? inWords(field);
    const line = inOneLine(value, text);
    if (line !== null && line.length <= SHORT_CHARS && !line.includes('\n')) short.push([name, line]);
    else long.push([name, <LongValue key={field} value={value} />]);
  }
  return { short, long };
}

function LongValue({ value }: { readonly value: unknown }) {
  if (typeof value === 'string') return <p className="long-text">{value}</p>;
  return <pre className="json">{JSON.stringify(value, null, 2)}</pre>;
}

/** Null for a value that takes more than one line. */
function inOneLine(value: unknown, text: Text): string | null {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return value.toLocaleString(text.language, { maximumFractionDigits: 3 });
    case 'boolean':
      return text(value ? 'result.yes' : 'result.no');
    default: {
      if (!Array.isArray(value)) return null;
      const parts = value.map((part: unknown) => (typeof part === 'object' ? null : inOneLine(part, text)));
      return parts.includes(null) ? null : parts.join(', ');
    }
  }
}
