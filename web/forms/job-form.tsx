/** Starts a job of any workflow, or several as a batch: the form that the workflow's input schema describes. */
import { useMemo } from 'react';
import type { NewJobStart } from '../parts/new-job-state.ts';
import { useProject } from '../state/project-context.ts';
import type { Language } from '../state/settings.ts';
import type { WorkflowInfo } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import type { Entered } from '../views/view.ts';
import { fieldViewOf } from '../views/workflow-views.ts';
import { ATTEMPTS, checkField, type Fault, type Faults, faultAt, readValue } from './checks.ts';
import { forgetDraft, useDraft } from './drafts.ts';
import { TextField } from './fields.tsx';
import { type FileFault, readItems } from './file-items.ts';
import { FormFrame } from './form-frame.tsx';
import { ItemList } from './item-list.tsx';
import { itemField, itemsOf } from './items.ts';
import { limitsOf, SchemaField } from './schema-field.tsx';
import { type FormField, readFields } from './schema-fields.ts';
import { startJob } from './start-job.ts';
import { useStart } from './use-start.ts';

interface JobFormProps {
  readonly info: WorkflowInfo;
  /** Its initial content; omitted fields of an item start empty. */
  readonly start: NewJobStart;
}

export function JobForm({ info, start: begin }: JobFormProps) {
  const text = useText();
  const { id: projectId } = useProject();
  const fields = useMemo(() => readFields(info.inputSchema), [info]);
  const empty = emptyItem(info.workflow, fields, text.language);
  const key = [projectId, info.workflow, begin.from].join('/');
  const { change, draft, isChanged, reset } = useDraft(key, {
    items: (begin.items ?? [empty]).map((item) => ({ ...empty, ...item })),
    attempts: begin.attempts ?? '',
  });
  const { attempts } = draft;
  const items = itemsOf<Entered>(
    draft.items,
    (update) => change((now) => ({ ...now, items: update(now.items) })),
    empty,
  );
  const setAttempts = (value: string): void => {
    start.clear(ATTEMPTS.name);
    change((now) => ({ ...now, attempts: value }));
  };
  const count = items.all.length;
  const paths = items.all.flatMap((_, index) => fields.map(({ name }) => itemField(count, index, name)));
  const start = useStart({
    projectId,
    text,
    content: { workflow: info.workflow, items: items.all, attempts },
    check: () => checkItems(info.workflow, fields, items.all, count === 1 ? attempts : ''),
    send: (idempotencyKey) => {
      const maxAttempts = count === 1 ? readValue(ATTEMPTS, attempts) : undefined;
      const inputs = items.all.map((item) => inputOf(fields, item));
      return startJob(info, inputs, { projectId, idempotencyKey, maxAttempts });
    },
    onStarted: () => forgetDraft(key),
  });
  const setField = (index: number, name: string) => (value: string) => {
    start.clear(itemField(count, index, name));
    items.change(index, { [name]: value });
  };
  const takeFile = (name: string, content: string): FileFault | null => {
    const found = readItems(fields, name, content);
    if (typeof found === 'string') return found;
    change((now) => ({ ...now, items: found.map((item) => withDefaults(empty, item)) }));
    return null;
  };
  return (
    <FormFrame count={count} paths={[...paths, ATTEMPTS.name]} reset={isChanged ? reset : null} start={start}>
      <ItemList batches={info.batchMutation !== null} items={items} takeFile={takeFile}>
        {(item, index) => (
          <div className="fields">
            {fields.map((field) => (
              <SchemaField
                entered={item}
                fault={faultAt(start.faults, itemField(count, index, field.name))}
                field={field}
                key={field.name}
                onChange={setField(index, field.name)}
                small={count > 1}
                view={fieldViewOf(info.workflow, field.name)}
              />
            ))}
            {count === 1 && (
              <Attempts fault={start.faults[ATTEMPTS.name]} onChange={setAttempts} value={attempts} />
            )}
          </div>
        )}
      </ItemList>
    </FormFrame>
  );
}

interface AttemptsProps {
  readonly fault: Fault | undefined;
  readonly onChange: (value: string) => void;
  readonly value: string;
}

function Attempts(props: AttemptsProps) {
  const text = useText();
  return (
    <TextField
      {...props}
      inputMode="numeric"
      help={limitsOf(ATTEMPTS, text)}
      label={text('form.maxAttempts')}
      optional
      placeholder={ATTEMPTS.default ?? undefined}
    />
  );
}

function emptyItem(workflow: string, fields: readonly FormField[], language: Language): Entered {
  return Object.fromEntries(
    fields.map(({ name }) => [name, fieldViewOf(workflow, name).initial?.(language) ?? '']),
  );
}

/** Fields missing from a file start as in an empty form. */
function withDefaults(empty: Entered, item: Entered): Entered {
  return { ...empty, ...Object.fromEntries(Object.entries(item).filter(([, value]) => value !== '')) };
}

function checkItems(
  workflow: string,
  fields: readonly FormField[],
  items: readonly Entered[],
  attempts: string,
): Faults {
  const checks = items.flatMap((item, index) =>
    fields.map((field): [string, Fault | null] => {
      const entered = item[field.name] ?? '';
      const own = entered.trim() === '' ? undefined : fieldViewOf(workflow, field.name).check;
      return [
        itemField(items.length, index, field.name),
        checkField(field, entered) ?? own?.(entered) ?? null,
      ];
    }),
  );
  const all: [string, Fault | null][] = [...checks, [ATTEMPTS.name, checkField(ATTEMPTS, attempts)]];
  return Object.fromEntries(all.filter((entry): entry is [string, Fault] => entry[1] !== null));
}

/** Converts an item for the mutation; fields that were not filled in are omitted, so the server's defaults apply. */
function inputOf(fields: readonly FormField[], item: Entered): Readonly<Record<string, unknown>> {
  const values = fields.map((field): [string, unknown] => [
    field.name,
    readValue(field, item[field.name] ?? ''),
  ]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}
