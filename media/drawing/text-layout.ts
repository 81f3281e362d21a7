/** Breaks text into lines of a measured width. */

/** Measures a text's width, in px. */
export type Measure = (text: string) => number;

/**
 * Breaks at spaces (anywhere within words that are too long) so that every line fits, and evens out the lines' widths.
 * Never returns an empty list.
 */
export function wrapText(text: string, widthPx: number, measure: Measure): string[] {
  const greedy = breakLines(text, widthPx, measure);
  if (greedy.length < 2) return greedy;
  let narrow = measure(text) / greedy.length;
  let wide = widthPx;
  let best = greedy;
  for (let round = 0; round < 6; round += 1) {
    const middle = (narrow + wide) / 2;
    const lines = breakLines(text, middle, measure);
    if (lines.length > greedy.length) narrow = middle;
    else {
      best = lines;
      wide = middle;
    }
  }
  return best;
}

function breakLines(text: string, widthPx: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (measure(joined) <= widthPx) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = breakWord(word, widthPx, measure);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function breakWord(word: string, widthPx: number, measure: Measure): string[] {
  if (measure(word) <= widthPx) return [word];
  const parts: string[] = [];
  let part = '';
  for (const { segment } of graphemes.segment(word)) {
    if (part !== '' && measure(part + segment) > widthPx) {
      parts.push(part);
      part = '';
    }
    part += segment;
  }
  return [...parts, part];
}
