/** One or several items, with buttons to add and remove them. */
import { type ReactNode, useState } from 'react';
import { Glyph } from '../parts/icons.tsx';
import { useText } from '../text/use-text.ts';
import type { FileFault } from './file-items.ts';
import type { Items } from './items.ts';

interface ItemListProps<T> {
  readonly items: Items<T>;
  /** Whether there may be more than one. */
  readonly batches: boolean;
  /** Replaces all items with those of a file. @returns what is wrong with it; null: nothing */
  readonly takeFile: (name: string, content: string) => FileFault | null;
  readonly children: (item: T, index: number) => ReactNode;
}

export function ItemList<T>({ items, batches, children, takeFile }: ItemListProps<T>) {
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
        <p className="row wrap">
          <button className="button small" onClick={() => items.add()} type="button">
            <Glyph name="add" />
            {text('form.addItem')}
          </button>
          <FileButton takeFile={takeFile} />
          <span className="hint">{text('form.batchHint')}</span>
        </p>
      )}
    </>
  );
}

function FileButton({ takeFile }: Pick<ItemListProps<unknown>, 'takeFile'>) {
  const text = useText();
  const [fault, setFault] = useState<FileFault | null>(null);
  const read = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) setFault(takeFile(file.name, await file.text()));
  };
  return (
    <>
      <label className="button small">
        {text('form.file')}
        <input
          accept=".csv,.tsv,.json,.jsonl,.ndjson"
          className="sr-only"
          onChange={(event) => {
            void read(event.target.files?.[0]);
            // So the same file can be chosen again once it is fixed.
            event.target.value = '';
          }}
          type="file"
        />
      </label>
      <span aria-live="polite" className="field-error">
        {fault === null ? '' : text(`form.file.${fault}`)}
      </span>
    </>
  );
}
