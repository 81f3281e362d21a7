/** A grid of cards of one height, of which only those near the window are in the page. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useText } from '../text/use-text.ts';
import { JobCard } from './job-card.tsx';

/** As in styles/card.css. */
const CARD_HEIGHT = 196;
const CARD_MIN_WIDTH = 340;
const GAP = 16;
const ROW = CARD_HEIGHT + GAP;
/** Rows kept above and below the window. */
const SPARE_ROWS = 3;

interface JobGridProps {
  readonly ids: readonly string[];
  readonly hasMore: boolean;
  readonly loadMore: () => void;
}

export function JobGrid({ ids, hasMore, loadMore }: JobGridProps) {
  const text = useText();
  const grid = useRef<HTMLUListElement>(null);
  const { columns, first, last } = useWindow(grid);
  const rows = Math.ceil(ids.length / columns);
  const from = Math.max(0, Math.min(first, rows - 1));
  const to = Math.min(rows, last);
  const near = hasMore && last >= rows - SPARE_ROWS;
  useEffect(() => {
    // Asked again whenever the list has grown and still ends near the window.
    if (near && ids.length >= 0) loadMore();
  }, [near, ids.length, loadMore]);
  return (
    <>
      <ul
        className="plain grid"
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
            <JobCard id={id} />
          </li>
        ))}
      </ul>
      <p className="list-end">{hasMore ? '' : ids.length > 12 ? text('list.end') : ''}</p>
    </>
  );
}

interface GridWindow {
  readonly columns: number;
  /** First and one behind the last row to show. */
  readonly first: number;
  readonly last: number;
}

function useWindow(grid: RefObject<HTMLElement | null>): GridWindow {
  const [shown, setShown] = useState<GridWindow>({ columns: 1, first: 0, last: 8 });
  useLayoutEffect(() => {
    const element = grid.current;
    if (element === null) return;
    const measure = (): void => {
      const box = element.getBoundingClientRect();
      const columns = Math.max(1, Math.floor((box.width + GAP) / (CARD_MIN_WIDTH + GAP)));
      const first = Math.max(0, Math.floor(-box.top / ROW) - SPARE_ROWS);
      const last = Math.max(1, Math.ceil((innerHeight - box.top) / ROW) + SPARE_ROWS);
      setShown((before) =>
        before.columns === columns && before.first === first && before.last === last
          ? before
          : { columns, first, last },
      );
    };
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      resized.disconnect();
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  }, [grid]);
  return shown;
}
