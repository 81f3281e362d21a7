/**
 * What the page may know of a workflow besides what the server says. All of it is optional: a workflow without a view has a
 * form, a card and a result all the same.
 */
import type { ComponentType } from 'react';
import type { Fault } from '../forms/checks.ts';
import type { Language } from '../state/settings.ts';
import type { MessageKey } from '../text/messages.ts';

export interface WorkflowView {
  /** Path on a grid of 24 x 24. */
  readonly icon: string;
  /** By the names of the input's fields. */
  readonly fields: Readonly<Record<string, FieldView>>;
}

/** What was entered, by the names of the fields. */
export type Entered = Readonly<Record<string, string>>;

export interface FieldView {
  readonly label?: MessageKey;
  readonly placeholder?: MessageKey;
  /** Takes the place of what the schema says of the field, where label and placeholder say it all. */
  readonly help?: MessageKey | null;
  /** Instead of any text. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  /** What the form begins with. */
  readonly initial?: (language: Language) => string;
  /** To begin with, on demand. */
  readonly sample?: (entered: Entered) => string;
  /** In a fixed pitch, without a spelling check. */
  readonly code?: boolean;
  /** Lines that are shown. */
  readonly rows?: number;
  /** Besides what the schema says. */
  readonly check?: (text: string) => Fault | null;
  /** Stands below the field. */
  readonly Note?: ComponentType<{ readonly text: string }>;
}
