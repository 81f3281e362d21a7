import type { Language } from '../state/settings.ts';

/** A text in every language. */
export type Message = Readonly<Record<Language, string>>;
