/** One field of a workflow's input, made from its schema and what the page additionally knows about it. */
import { type Text, useText } from '../text/use-text.ts';
import { inWords } from '../text/words.ts';
import type { Entered, FieldView } from '../views/view.ts';
import type { Fault } from './checks.ts';
import { type FieldProps, SelectField, SwitchField, TextArea, TextField } from './fields.tsx';
import { JobField } from './job-field.tsx';
import type { FieldKind, FormField } from './schema-fields.ts';

interface SchemaFieldProps {
  readonly field: FormField;
  readonly view: FieldView;
  /** Everything entered in the item. */
  readonly entered: Entered;
  readonly onChange: (value: string) => void;
  readonly fault: Fault | undefined;
  /** One of several items, each of which should take less room. */
  readonly small: boolean;
}

export function SchemaField({ field, view, entered, onChange, fault, small }: SchemaFieldProps) {
  const text = useText();
  const value = entered[field.name] ?? '';
  const label = view.label === undefined ? (field.title ?? inWords(field.name)) : text(view.label);
  const help =
    view.help === undefined
      ? field.description
      : view.help === null
        ? limitsOf(field, text)
        : text(view.help);
  const common: FieldProps = {
    ...{ fault, help, label, onChange, value, optional: !field.required },
    placeholder: view.placeholder === undefined ? (field.default ?? undefined) : text(view.placeholder),
  };
  const { Note } = view;
  return (
    <>
      {view.options === undefined ? (
        <Control common={common} entered={entered} field={field} small={small} view={view} />
      ) : (
        <SelectField {...common} optional={false} options={view.options} />
      )}
      {Note !== undefined && <Note text={value} />}
    </>
  );
}

interface ControlProps extends Pick<SchemaFieldProps, 'field' | 'view' | 'entered' | 'small'> {
  readonly common: FieldProps;
}

function Control({ common, field, view, entered, small }: ControlProps) {
  const text = useText();
  const { kind } = field;
  switch (kind.name) {
    case 'text':
      return kind.long ? (
        <TextArea
          {...common}
          code={view.code ?? false}
          most={kind.most}
          rows={small ? 4 : (view.rows ?? 6)}
          sample={view.sample?.(entered) ?? field.examples[0] ?? null}
        />
      ) : (
        <TextField {...common} examples={field.examples} />
      );
    case 'number':
      return (
        <TextField {...common} examples={field.examples} inputMode={kind.whole ? 'numeric' : 'decimal'} />
      );
    case 'choice':
      return <SelectField {...common} options={choicesOf(field, kind, view, text)} />;
    case 'switch':
      return <SwitchField {...common} byDefault={field.default === 'true'} optional={false} />;
    case 'job':
      return <JobField {...common} workflow={kind.workflow} />;
    case 'list':
      return (
        <TextArea
          {...common}
          placeholder={common.placeholder ?? text('form.list')}
          rows={3}
          sample={field.examples[0] ?? null}
        />
      );
    case 'json':
      return (
        <TextArea
          {...common}
          code
          placeholder={common.placeholder ?? text('form.json')}
          rows={4}
          sample={field.examples[0] ?? null}
        />
      );
  }
}

/** The limits of a number field, in words; null: not a number, or no limits. */
export function limitsOf({ kind }: FormField, text: Text): string | null {
  if (kind.name !== 'number') return null;
  const { high, low } = kind;
  if (low?.included === true && high?.included === true)
    return text('form.range', { low: low.at, high: high.at });
  if (low !== null) return text(low.included ? 'form.least' : 'form.above', { low: low.at });
  return high === null ? null : text(high.included ? 'form.most' : 'form.below', { high: high.at });
}

/** The choices, preceded by one for leaving the field out or for not having chosen yet. */
function choicesOf(
  field: FormField,
  { values }: Extract<FieldKind, { readonly name: 'choice' }>,
  { placeholder }: FieldView,
  text: Text,
) {
  const left = placeholder === undefined ? text('form.left') : text(placeholder);
  const named = field.default === null ? left : text('form.default', { value: field.default });
  const choices = values.map(String).map((value) => ({ value, label: value }));
  return [{ value: '', label: field.required ? text('form.choose') : named }, ...choices];
}
