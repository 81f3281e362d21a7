/** The table of results in bench/README.md, made of one run. */
import type { Section } from './driver.ts';

const BEGIN = '<!-- Results, by `npm run bench -- --save` -->\n';
const END = '<!-- End of the results -->\n';

/**
 * Puts a run in the place of the one that a page shows.
 * @param about where and when it was measured, in one line
 * @throws Error when the page does not say where results stand
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
