/** Keeps only the rows near the window in the page, however long the list is. */
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';

/** The gap between cards, in pixels. */
export const GAP = 16;
/** Rows kept above and below the window. */
const SPARE_ROWS = 3;

export interface ListProps {
  readonly ids: readonly string[];
  readonly hasMore: boolean;
  readonly loadMore: () => void;
}

interface RowSize {
  /** Pixels, including the gap. */
  readonly rowHeight: number;
  /** The least width of an item, in pixels, if items are placed side by side; null: each takes the whole width. */
  readonly minWidth: number | null;
}

/** Loads more whenever the end of the list is near the window. */
export function useMore({ ids, hasMore, loadMore }: ListProps, rows: number, last: number): void {
  const near = hasMore && last >= rows - SPARE_ROWS;
  useEffect(() => {
    // Runs again whenever the list has grown and its end is still near the window.
    if (near && ids.length >= 0) loadMore();
  }, [near, ids.length, loadMore]);
}

interface ListWindow {
  readonly columns: number;
  /** The first row to show, and the one after the last. */
  readonly first: number;
  readonly last: number;
}

/** Which rows of a list are near the window; updated on scrolling. */
export function useWindow(list: RefObject<HTMLElement | null>, { rowHeight, minWidth }: RowSize): ListWindow {
  const [shown, setShown] = useState<ListWindow>({ columns: 1, first: 0, last: 8 });
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const measure = (): void => {
      const box = element.getBoundingClientRect();
      const columns = minWidth === null ? 1 : Math.max(1, Math.floor((box.width + GAP) / (minWidth + GAP)));
      const first = Math.max(0, Math.floor(-box.top / rowHeight) - SPARE_ROWS);
      const last = Math.max(1, Math.ceil((innerHeight - box.top) / rowHeight) + SPARE_ROWS);
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
  }, [list, rowHeight, minWidth]);
  return shown;
}
