/**
 * What the page may know about a workflow beyond what the server reports. All of it is optional: a workflow without a view
 * still has a form, a card and a result.
 */
import type { ComponentType } from 'react';
import type { Fault } from '../forms/checks.ts';
import type { Language } from '../state/settings.ts';
import type { MessageKey } from '../text/messages.ts';

export interface WorkflowView {
  /** An SVG path on a 24 x 24 grid. */
  readonly icon: string;
  /** Keyed by the names of the input's fields. */
  readonly fields: Readonly<Record<string, FieldView>>;
}

/** What was entered, keyed by field name. */
export type Entered = Readonly<Record<string, string>>;

export interface FieldView {
  readonly label?: MessageKey;
  readonly placeholder?: MessageKey;
  /** Replaces the schema's description of the field; null if label and placeholder suffice. */
  readonly help?: MessageKey | null;
  /** Choices to offer instead of free text. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** The field's initial value. */
  readonly initial?: (language: Language) => string;
  /** A sample to start from, on demand. */
  readonly sample?: (entered: Entered) => string;
  /** Whether to use a fixed-pitch font, without spell checking. */
  readonly code?: boolean;
  /** Number of lines shown. */
  readonly rows?: number;
  /** A check beyond those in the schema. */
  readonly check?: (text: string) => Fault | null;
  /** Shown below the field. */
  readonly Note?: ComponentType<{ readonly text: string }>;
}
