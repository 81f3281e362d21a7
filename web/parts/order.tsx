/** Buttons that send something to the server: busy until it answers, with the reason if it refuses. */
import { type ReactNode, useId, useRef, useState } from 'react';
import { explainRequest } from '../text/explain-request.ts';
import { useText } from '../text/use-text.ts';

interface Order {
  readonly busy: boolean;
  readonly failure: string | null;
  readonly give: () => Promise<void>;
}

/** Something that is sent to the server. @param order sends it; rejects if the server refuses */
export function useOrder(order: () => Promise<void>): Order {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const give = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await order();
    } catch (error) {
      setFailure(explainRequest(error, text));
    }
    setBusy(false);
  };
  return { busy, failure, give };
}

/** Why the last order was refused. */
export function OrderFailure({ order: { failure } }: { readonly order: Order }) {
  if (failure === null) return null;
  return (
    <p className="field-error" role="alert">
      {failure}
    </p>
  );
}

interface OrderButtonProps {
  readonly children: ReactNode;
  readonly disabled?: boolean;
  readonly give: () => Promise<void>;
  /** The question to confirm first; null: none. @default null */
  readonly question?: Question | null;
  readonly small?: boolean;
  /** Why the button is disabled. */
  readonly title?: string | undefined;
}

interface Question {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly keep: string;
}

export function OrderButton({ children, disabled, give, question = null, small, title }: OrderButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const order = useOrder(give);
  const confirm = (): void => {
    dialog.current?.close();
    void order.give();
  };
  return (
    <>
      <button
        className={`button${small ? ' small' : ''}`}
        disabled={order.busy || disabled}
        onClick={() => (question === null ? void order.give() : dialog.current?.showModal())}
        title={title}
        type="button"
      >
        {children}
      </button>
      <OrderFailure order={order} />
      {question !== null && (
        <dialog aria-labelledby={heading} className="dialog question" ref={dialog}>
          <h2 id={heading}>{question.title}</h2>
          <p>{question.text}</p>
          <div className="row end">
            <button className="button" onClick={() => dialog.current?.close()} type="button">
              {question.keep}
            </button>
            <button className="button danger" onClick={confirm} type="button">
              {question.confirm}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}
