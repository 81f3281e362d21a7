/** The whole input of a job. */
import { inputsOf, isTruncated } from '../forms/past-input.ts';
import { readFields } from '../forms/schema-fields.ts';
import { isBatch, type JobView } from '../state/job-view.ts';
import { useWorkflow } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import { inWords } from '../text/words.ts';
import { fieldViewOf } from '../views/workflow-views.ts';
import { CopyButton } from './copy-button.tsx';

/** A batch has up to 1,000; the rest can be seen on the items' own pages. */
const INPUTS_SHOWN = 20;
/** A value longer than this, or with several lines, is shown separately. */
const SHORT_CHARS = 80;

export function JobInput({ job }: { readonly job: JobView }) {
  const text = useText();
  const inputs = inputsOf(job.input, isBatch(job));
  if (isTruncated(job.input)) {
    return (
      <section className="panel">
        <h2>{text('input.title')}</h2>
        <p className="muted">{text('input.truncated')}</p>
      </section>
    );
  }
  if (inputs === null) return null;
  const [first] = inputs;
  const shown = inputs.slice(0, INPUTS_SHOWN);
  return (
    <section className="panel job-input" data-workflow={job.workflow}>
      <h2>
        {text('input.title')}
        <CopyButton content={JSON.stringify(job.input, null, 2)} label={text('input.copy')} />
      </h2>
      {inputs.length === 1 && first !== undefined ? (
        <Values input={first} workflow={job.workflow} />
      ) : (
        <>
          {shown.map((input, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an input does not change
            <details key={index}>
              <summary>{text('batch.item', { number: index + 1 })}</summary>
              <Values input={input} workflow={job.workflow} />
            </details>
          ))}
          {inputs.length > shown.length && (
            <p className="muted small">{text('input.more', { count: inputs.length - shown.length })}</p>
          )}
        </>
      )}
    </section>
  );
}

interface ValuesProps {
  readonly input: Readonly<Record<string, unknown>>;
  readonly workflow: string;
}

/** In the order of the form; fields that the schema does not name come last. */
function Values({ input, workflow }: ValuesProps) {
  const text = useText();
  const fields = readFields(useWorkflow(workflow)?.inputSchema);
  const nameOf = (name: string): string => {
    const { label } = fieldViewOf(workflow, name);
    if (label !== undefined) return text(label);
    return fields.find((field) => field.name === name)?.title ?? inWords(name);
  };
  const order = [...new Set([...fields.map(({ name }) => name), ...Object.keys(input)])];
  const values = order
    .filter((name) => input[name] !== undefined && input[name] !== null)
    .map((name) => ({ name, label: nameOf(name), value: asText(input[name]) }));
  const isShort = (value: string): boolean => value.length <= SHORT_CHARS && !value.includes('\n');
  return (
    <>
      {values
        .filter(({ value }) => !isShort(value))
        .map(({ name, label, value }) => (
          <div className="long-fact" key={name}>
            <h3 className="small-title">
              {label}
              <CopyButton content={value} label={text('input.copyField', { field: label })} />
            </h3>
            <LongValue code={fieldViewOf(workflow, name).code ?? false} label={label} value={value} />
          </div>
        ))}
      <dl className="facts">
        {values
          .filter(({ value }) => isShort(value))
          .map(({ name, label, value }) => (
            <div className="fact" key={name}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </>
  );
}

interface LongValueProps {
  readonly code: boolean;
  readonly label: string;
  readonly value: string;
}

function LongValue({ code, label, value }: LongValueProps) {
  const text = useText();
  const name = `${text('input.title')}: ${label}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section aria-label={name} className={`input-text${code ? ' mono' : ''}`} tabIndex={0}>
      {value}
    </section>
  );
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
