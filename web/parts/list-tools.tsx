/** Searches for jobs by text and time, and switches between cards and a table. */
import { useEffect, useRef, useState } from 'react';
import { type JobFilter, MAX_SEARCH_CHARS, SINCE, type Since } from '../state/job-filter.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';

interface ListToolsProps {
  readonly filter: JobFilter;
  readonly table: boolean;
  readonly go: (filter: JobFilter, table: boolean) => void;
}

export function ListTools({ filter, table, go }: ListToolsProps) {
  const text = useText();
  return (
    <div className="list-tools">
      <Search onSearch={(search) => go({ ...filter, search }, table)} value={filter.search} />
      <Times filter={filter} onChange={(changed) => go(changed, table)} />
      <button
        aria-label={text('list.table')}
        aria-pressed={table}
        className="button quiet"
        onClick={() => go(filter, !table)}
        title={text('list.table')}
        type="button"
      >
        <Glyph name="table" />
      </button>
    </div>
  );
}

/** The time from the last key press to the search. */
const TYPING_MS = 300;

function Search({ value, onSearch }: { readonly value: string; readonly onSearch: (text: string) => void }) {
  const text = useText();
  const [typed, setTyped] = useState(value);
  const search = useRef(onSearch);
  search.current = onSearch;
  const sent = useRef(value);
  useEffect(() => {
    // The address was changed elsewhere, as by Back.
    if (value !== sent.current) setTyped(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      search.current(typed);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label className="search">
      <Glyph name="search" />
      <span className="sr-only">{text('list.search')}</span>
      <input
        maxLength={MAX_SEARCH_CHARS}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={text('list.searchHint')}
        type="search"
        value={typed}
      />
    </label>
  );
}

interface TimesProps {
  readonly filter: JobFilter;
  readonly onChange: (filter: JobFilter) => void;
}

/** A choice of recent hours and days, or of two moments. */
function Times({ filter, onChange }: TimesProps) {
  const text = useText();
  const { from, since, to } = filter;
  const [open, setOpen] = useState(from !== '' || to !== '');
  const choose = (chosen: string): void => {
    setOpen(chosen === 'between');
    const known = SINCE.find((one): one is Since => one === chosen) ?? '';
    onChange({ ...filter, since: known, from: '', to: '' });
  };
  const field = (name: 'from' | 'to') => (
    <label className="row">
      <span>{text(`time.${name}`)}</span>
      <input
        onChange={(event) => onChange({ ...filter, [name]: event.target.value })}
        type="datetime-local"
        value={filter[name]}
      />
    </label>
  );
  return (
    <>
      <label>
        <span className="sr-only">{text('time.title')}</span>
        <select onChange={(event) => choose(event.target.value)} value={open ? 'between' : since}>
          <option value="">{text('time.any')}</option>
          {SINCE.map((one) => (
            <option key={one} value={one}>
              {text(`time.${one}`)}
            </option>
          ))}
          <option value="between">{text('time.between')}</option>
        </select>
      </label>
      {open && (
        <span className="row wrap">
          {field('from')}
          {field('to')}
        </span>
      )}
    </>
  );
}
