/** A grid of cards of equal height, of which only those near the window are in the page. */
import { useRef } from 'react';
import { useText } from '../text/use-text.ts';
import { JobCard } from './job-card.tsx';
import { GAP, type ListProps, useMore, useWindow } from './job-window.ts';

/** Must match styles/card.css. */
const CARD_HEIGHT = 196;
const CARD_MIN_WIDTH = 340;
const ROW = CARD_HEIGHT + GAP;

interface GridProps extends ListProps {
  readonly chosen: ReadonlySet<string>;
  readonly choose: (ids: readonly string[], isChosen: boolean) => void;
}

export function JobGrid({ choose, chosen, ids, hasMore, loadMore }: GridProps) {
  const text = useText();
  const grid = useRef<HTMLUListElement>(null);
  const { columns, first, last } = useWindow(grid, { rowHeight: ROW, minWidth: CARD_MIN_WIDTH });
  const rows = Math.ceil(ids.length / columns);
  const from = Math.max(0, Math.min(first, rows - 1));
  const to = Math.min(rows, last);
  useMore({ ids, hasMore, loadMore }, rows, last);
  return (
    <>
      <ul
        className="plain grid"
        data-choosing={chosen.size > 0}
        ref={grid}
        style={{
          height: rows * ROW - GAP,
          gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
          paddingTop: from * ROW,
        }}
      >
        {ids.slice(from * columns, to * columns).map((id, index) => (
          <li
            aria-posinset={from * columns + index + 1}
            aria-setsize={hasMore ? -1 : ids.length}
            className="grid-cell"
            key={id}
          >
            <JobCard choose={choose} id={id} isChosen={chosen.has(id)} />
          </li>
        ))}
      </ul>
      <p className="list-end">{hasMore ? '' : ids.length > 12 ? text('list.end') : ''}</p>
    </>
  );
}
