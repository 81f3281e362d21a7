/** The actions on several jobs at once, and their outcome. */
import { useId, useRef, useState } from 'react';
import { canRetry, hasEnded, type JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { explainRequest } from '../text/explain-request.ts';
import { useText } from '../text/use-text.ts';
import { useWriteButton } from './read-only.tsx';

type Order = 'cancel' | 'retry' | 'delete';

/** Concurrent requests: a hundred jobs must not exhaust a credential's operations per second. */
const AT_ONCE = 4;

const TAKES: Readonly<Record<Order, (job: JobView) => boolean>> = {
  cancel: (job) => !hasEnded(job),
  retry: canRetry,
  delete: (job) => hasEnded(job) && job.parent === null,
};

interface BulkBarProps {
  readonly chosen: ReadonlySet<string>;
  readonly clear: () => void;
}

export function BulkBar({ chosen, clear }: BulkBarProps) {
  const text = useText();
  const { store } = useProject();
  const [asked, ask] = useState<Order | null>(null);
  const { busy, give, said } = useOrders();
  const { disabled, title } = useWriteButton();
  const jobs = [...chosen].map((id) => store.get(id)).filter((job) => job !== undefined);
  const taking = (order: Order): readonly string[] => jobs.filter(TAKES[order]).map(({ id }) => id);
  const begin = (order: Order): void => {
    if (order === 'retry') void give(order, taking(order));
    else ask(order);
  };
  return (
    <div aria-label={text('bulk.title')} className="bulk" role="toolbar">
      <span className="number">{text('bulk.chosen', { count: chosen.size })}</span>
      {(['cancel', 'retry', 'delete'] as const).map((order) => (
        <button
          className="button small"
          disabled={busy || disabled || taking(order).length === 0}
          key={order}
          onClick={() => begin(order)}
          title={title}
          type="button"
        >
          {text(`bulk.${order}`, { count: taking(order).length })}
        </button>
      ))}
      <button className="link-button" onClick={clear} type="button">
        {text('bulk.clear')}
      </button>
      <span aria-live="polite">{said}</span>
      {asked !== null && (
        <Question
          count={taking(asked).length}
          onAnswer={(yes) => {
            ask(null);
            if (yes) void give(asked, taking(asked));
          }}
          order={asked}
        />
      )}
    </div>
  );
}

interface Orders {
  readonly busy: boolean;
  readonly give: (order: Order, ids: readonly string[]) => Promise<void>;
  /** The outcome of the last action. */
  readonly said: string;
}

function useOrders(): Orders {
  const text = useText();
  const project = useProject();
  const [busy, setBusy] = useState(false);
  const [said, say] = useState('');
  const give = async (order: Order, ids: readonly string[]): Promise<void> => {
    setBusy(true);
    say('');
    const failures: unknown[] = [];
    const left = [...ids];
    const work = async (): Promise<void> => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        await project[order](id).catch((error: unknown) => failures.push(error));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    setBusy(false);
    const done = text('bulk.done', { done: ids.length - failures.length, total: ids.length });
    say(failures.length === 0 ? done : `${done} ${explainRequest(failures[0], text)}`);
  };
  return { busy, give, said };
}

interface QuestionProps {
  readonly order: Order;
  readonly count: number;
  readonly onAnswer: (yes: boolean) => void;
}

function Question({ order, count, onAnswer }: QuestionProps) {
  const text = useText();
  const title = useId();
  const shown = useRef(false);
  const show = (dialog: HTMLDialogElement | null): void => {
    if (dialog === null || shown.current) return;
    shown.current = true;
    dialog.showModal();
  };
  const isDelete = order === 'delete';
  return (
    <dialog aria-labelledby={title} className="dialog question" onClose={() => onAnswer(false)} ref={show}>
      <h2 id={title}>{text(isDelete ? 'bulk.deleteTitle' : 'bulk.cancelTitle', { count })}</h2>
      <p>{text(isDelete ? 'bulk.deleteText' : 'cancel.text')}</p>
      <div className="row end">
        <button className="button" onClick={() => onAnswer(false)} type="button">
          {text('bulk.keep')}
        </button>
        <button className="button danger" onClick={() => onAnswer(true)} type="button">
          {text(`bulk.${order}`, { count })}
        </button>
      </div>
    </dialog>
  );
}
