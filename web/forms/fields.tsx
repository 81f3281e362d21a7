/** The fields of the forms: a label, the control, a hint or what is wrong. */
import { type ReactNode, useId } from 'react';
import { useText } from '../text/use-text.ts';
import { type Fault, TEXT_LIMIT_CHARS } from './input-checks.ts';

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly fault?: Fault | undefined;
  readonly optional?: boolean;
  readonly placeholder?: string;
}

interface ShellProps extends Pick<FieldProps, 'label' | 'fault' | 'optional'> {
  readonly id: string;
  readonly children: ReactNode;
  readonly beside?: ReactNode;
}

function Shell({ id, label, fault, optional = false, children, beside }: ShellProps) {
  const text = useText();
  return (
    <div className="field">
      <div className="row between">
        <label htmlFor={id}>
          {label}
          {optional && <span className="muted"> ({text('form.optional')})</span>}
        </label>
        {beside}
      </div>
      {children}
      <FaultText fault={fault} id={`${id}-fault`} />
    </div>
  );
}

export function FaultText({ fault, id }: { readonly fault: Fault | undefined; readonly id: string }) {
  const text = useText();
  if (fault === undefined) return null;
  return (
    <p className="field-error" id={id}>
      {'key' in fault ? text(fault.key, fault.values) : text('form.expected', { expected: fault.expected })}
    </p>
  );
}

export function TextField({ label, value, onChange, fault, optional, placeholder }: FieldProps) {
  const id = useId();
  return (
    <Shell fault={fault} id={id} label={label} optional={optional ?? false}>
      <input
        aria-describedby={fault && `${id}-fault`}
        aria-invalid={fault !== undefined}
        id={id}
        onChange={(event) => onChange(event.target.value)}
        placeholder={placeholder}
        value={value}
      />
    </Shell>
  );
}

export function NumberField({ step = 1, ...props }: FieldProps & { readonly step?: number }) {
  const id = useId();
  const { label, value, onChange, fault, optional, placeholder } = props;
  return (
    <Shell fault={fault} id={id} label={label} optional={optional ?? false}>
      <input
        aria-describedby={fault && `${id}-fault`}
        aria-invalid={fault !== undefined}
        id={id}
        inputMode={step < 1 ? 'decimal' : 'numeric'}
        onChange={(event) => onChange(event.target.value)}
        placeholder={placeholder}
        value={value}
      />
    </Shell>
  );
}

interface AreaProps extends FieldProps {
  readonly rows: number;
  readonly code?: boolean;
  readonly sample: string;
  readonly hint?: string;
}

/** Several lines, with a sample and a counter of characters. */
export function TextArea({ rows, code = false, sample, hint, ...props }: AreaProps) {
  const text = useText();
  const id = useId();
  const { label, value, onChange, fault } = props;
  const count = { count: value.length.toLocaleString(text.language) };
  const counter = text('form.characters', { ...count, most: TEXT_LIMIT_CHARS.toLocaleString(text.language) });
  const insert = (
    <button className="link-button" onClick={() => onChange(sample)} type="button">
      {text('form.sample')}
    </button>
  );
  return (
    <Shell beside={insert} fault={fault} id={id} label={label}>
      <textarea
        aria-describedby={`${id}-note${fault ? ` ${id}-fault` : ''}`}
        aria-invalid={fault !== undefined}
        className={code ? 'mono' : ''}
        id={id}
        onChange={(event) => onChange(event.target.value)}
        placeholder={hint}
        rows={rows}
        spellCheck={!code}
        value={value}
      />
      <p className="hint number" data-over={value.length > TEXT_LIMIT_CHARS} id={`${id}-note`}>
        {counter}
      </p>
    </Shell>
  );
}

interface SelectProps extends FieldProps {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function SelectField({ label, value, onChange, fault, options }: SelectProps) {
  const id = useId();
  return (
    <Shell fault={fault} id={id} label={label}>
      <select
        aria-describedby={fault && `${id}-fault`}
        aria-invalid={fault !== undefined}
        id={id}
        onChange={(event) => onChange(event.target.value)}
        value={value}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Shell>
  );
}

const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'ko', label: '한국어' },
] as const;

export function LanguageField(props: Pick<FieldProps, 'value' | 'onChange' | 'fault'>) {
  const text = useText();
  return <SelectField {...props} label={text('form.language')} options={LANGUAGES} />;
}
