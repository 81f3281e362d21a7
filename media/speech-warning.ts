/** Warnings of what voices cannot speak, in the job's language. */
import type { SpeechWarning } from './film.ts';
import { message } from './messages.ts';
import type { Language } from './script-input.ts';

const NAMED_LINES_LIMIT = 5;

/** For example `lines 2, 5: flite cannot speak emoji; it is shown in the subtitles only`. */
export function describeSpeechWarning(language: Language, warning: SpeechWarning): string {
  const { provider, kinds } = warning;
  const where = nameLines(language, warning.sourceLines);
  if (kinds.length === 0) return message(language, 'warning.unspoken', { where, provider });
  const words = kinds
    .map((kind) => message(language, `text.${kind}`))
    .reduce((first, second) => message(language, 'warning.and', { first, second }));
  return message(language, 'warning.omitted', { where, provider, kinds: words });
}

function nameLines(language: Language, sourceLines: readonly number[]): string {
  const lines = sourceLines.slice(0, NAMED_LINES_LIMIT).join(', ');
  const rest = sourceLines.length - NAMED_LINES_LIMIT;
  if (rest > 0) return message(language, 'warning.moreLines', { lines, rest });
  return message(language, sourceLines.length === 1 ? 'warning.line' : 'warning.lines', { lines });
}
