/** The fields of the forms: a label, the control, and help or an error. */
import { type ReactNode, useId } from 'react';
import { useText } from '../text/use-text.ts';
import type { Fault } from './checks.ts';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly fault?: Fault | undefined;
  readonly optional?: boolean;
  readonly placeholder?: string | undefined;
  readonly help?: string | null;
  /** Takes the whole width. */
  readonly wide?: boolean;
}

interface ShellProps extends Pick<FieldProps, 'label' | 'fault' | 'optional' | 'help' | 'wide'> {
  readonly id: string;
  readonly children: ReactNode;
  readonly beside?: ReactNode;
}

function Shell({
  id,
  label,
  fault,
  optional = false,
  help = null,
  children,
  beside,
  wide = false,
}: ShellProps) {
  return (
    <div className="field" data-wide={wide}>
      <div className="row between">
        <label htmlFor={id}>
          {label}
          <Optional shown={optional} />
        </label>
        {beside}
      </div>
      {children}
      <FieldFoot fault={fault} help={help} id={id} />
    </div>
  );
}

function Optional({ shown }: { readonly shown: boolean }) {
  const text = useText();
  return shown ? <span className="muted"> ({text('form.optional')})</span> : null;
}

interface FootProps extends Pick<FieldProps, 'fault' | 'help'> {
  readonly id: string;
}

function FieldFoot({ fault, help = null, id }: FootProps) {
  const text = useText();
  return (
    <>
      {help !== null && (
        <p className="hint" id={`${id}-help`}>
          <Marked text={help} />
        </p>
      )}
      {fault !== undefined && (
        <p className="field-error" id={`${id}-fault`}>
          {'key' in fault
            ? text(fault.key, fault.values)
            : text('form.expected', { expected: fault.expected })}
        </p>
      )}
    </>
  );
}

/** A text in which parts between backticks are code, as in the server's descriptions. */
function Marked({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: a description does not change
    return index % 2 === 1 ? <code key={index}>{part}</code> : part;
  });
}

/** The attributes that describe and mark a control. */
function aria(id: string, { fault, help = null }: Pick<FieldProps, 'fault' | 'help'>, ...others: string[]) {
  const ids = [
    ...others,
    ...(help === null ? [] : [`${id}-help`]),
    ...(fault === undefined ? [] : [`${id}-fault`]),
  ];
  return {
    id,
    'aria-describedby': ids.length === 0 ? undefined : ids.join(' '),
    'aria-invalid': fault !== undefined,
  };
}

interface TextFieldProps extends FieldProps {
  readonly inputMode?: 'text' | 'decimal' | 'numeric';
  /** Suggested while the user types; anything else may be entered. */
  readonly examples?: readonly string[];
}

export function TextField({ inputMode = 'text', examples = [], ...props }: TextFieldProps) {
  const id = useId();
  const list = examples.length > 0 ? `${id}-examples` : undefined;
  return (
    <Shell {...props} id={id}>
      <input
        {...aria(id, props)}
        inputMode={inputMode}
        list={list}
        onChange={(event) => props.onChange(event.target.value)}
        placeholder={props.placeholder}
        value={props.value}
      />
      {list !== undefined && (
        <datalist id={list}>
          {examples.map((example) => (
            <option key={example} value={example} />
          ))}
        </datalist>
      )}
    </Shell>
  );
}

interface AreaProps extends FieldProps {
  readonly rows: number;
  readonly code?: boolean;
  /** A text to start from. */
  readonly sample?: string | null;
  /** The most characters; a counter is then shown. */
  readonly most?: number | null;
}

/** Several lines, with a sample and a counter of characters. */
export function TextArea({ rows, code = false, sample = null, most = null, ...props }: AreaProps) {
  const text = useText();
  const id = useId();
  const { value, onChange } = props;
  // Existing text is not overwritten.
  const insert = sample !== null && value === '' && (
    <button className="link-button" onClick={() => onChange(sample)} type="button">
      {text('form.sample')}
    </button>
  );
  const shown = (count: number): string => count.toLocaleString(text.language);
  return (
    <Shell {...props} beside={insert} id={id} wide>
      <textarea
        {...aria(id, props, ...(most === null ? [] : [`${id}-note`]))}
        className={code ? 'mono' : ''}
        onChange={(event) => onChange(event.target.value)}
        placeholder={props.placeholder}
        rows={rows}
        spellCheck={!code}
        value={value}
      />
      {most !== null && (
        <p className="hint number" data-over={value.length > most} id={`${id}-note`}>
          {text('form.characters', { count: shown(value.length), most: shown(most) })}
        </p>
      )}
    </Shell>
  );
}

interface SelectProps extends FieldProps {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function SelectField({ options, ...props }: SelectProps) {
  const id = useId();
  return (
    <Shell {...props} id={id}>
      <select
        {...aria(id, props)}
        onChange={(event) => props.onChange(event.target.value)}
        value={props.value}
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

/** `true` or `false`; empty: the server's default, which `byDefault` shows. */
export function SwitchField({ byDefault, ...props }: FieldProps & { readonly byDefault: boolean }) {
  const id = useId();
  const { fault, help, label, optional = false, value } = props;
  return (
    <div className="field">
      <label className="check" htmlFor={id}>
        <input
          {...aria(id, props)}
          checked={value === '' ? byDefault : value === 'true'}
          onChange={(event) => props.onChange(String(event.target.checked))}
          type="checkbox"
        />
        <span>
          {label}
          <Optional shown={optional} />
        </span>
      </label>
      <FieldFoot fault={fault} help={help ?? null} id={id} />
    </div>
  );
}
