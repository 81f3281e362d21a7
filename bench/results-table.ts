/** The results table in bench/README.md, made from one run. */
import type { Section } from './driver.ts';

const BEGIN = '<!-- Results, by `npm run bench -- --save` -->\n';
const END = '<!-- End of the results -->\n';

/**
 * Replaces the run shown on a page by another one.
 * @param about where and when it was measured, in one line
 * @throws Error if the page does not mark the place of the results
 */
export function withResults(page: string, about: string, sections: readonly Section[]): string {
  const [before, rest, ...more] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`expected one ${BEGIN.trim()} and behind it ${END.trim()}`);
  }
  return `${before}${BEGIN}${about}\n\n${toTable(sections)}\n${END}${after}`;
}

function toTable(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ name, rows }) => [
    `| **${name}** | | | |`,
    ...rows.map(({ what, value, goal = '', met }) => {
      const verdict = met === undefined ? '' : met ? 'reached' : '**not reached**';
      return `| ${what} | ${value} | ${goal} | ${verdict} |`;
    }),
  ]);
  return `${['| | figure | goal | |', '| --- | --- | --- | --- |', ...lines].join('\n')}\n`;
}
