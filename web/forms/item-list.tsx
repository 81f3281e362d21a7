/** One or several items, with buttons to add and remove them. */
import type { ReactNode } from 'react';
import { Glyph } from '../parts/icons.tsx';
import { useText } from '../text/use-text.ts';
import type { Items } from './items.ts';

interface ItemListProps<T> {
  readonly items: Items<T>;
  /** Whether there may be more than one. */
  readonly batches: boolean;
  readonly children: (item: T, index: number) => ReactNode;
}

export function ItemList<T>({ items, batches, children }: ItemListProps<T>) {
  const text = useText();
  const several = items.all.length > 1;
  return (
    <>
      {items.all.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their place
        <fieldset className="item" data-several={several} key={index}>
          <legend className={several ? 'row between' : 'sr-only'}>
            {text('batch.item', { number: index + 1 })}
          </legend>
          {several && (
            <button
              aria-label={text('form.removeItem', { number: index + 1 })}
              className="icon-button item-remove"
              onClick={() => items.remove(index)}
              type="button"
            >
              <Glyph name="close" />
            </button>
          )}
          {children(item, index)}
        </fieldset>
      ))}
      {batches && (
        <p className="row">
          <button className="button small" onClick={() => items.add()} type="button">
            <Glyph name="add" />
            {text('form.addItem')}
          </button>
          <span className="hint">{text('form.batchHint')}</span>
        </p>
      )}
    </>
  );
}
