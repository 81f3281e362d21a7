/** The beginning of a text, for a job's title. */
import { shorten } from 'playhead';

const LIMIT_CHARS = 60;

/** The first words of a text in one line, at most 60 characters; ends with `…` if more follow. */
export function firstWords(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  if (line.length <= LIMIT_CHARS) return line;
  const end = line.lastIndexOf(' ', LIMIT_CHARS - 1);
  // A single word longer than the line is cut at its end.
  return end > 0 ? `${line.slice(0, end)}…` : shorten(line, LIMIT_CHARS);
}
