/** Shows the state of the connection; announcer.tsx announces the changes that matter. */
import { useNow } from '../state/clock.ts';
import { useProject } from '../state/project-context.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';

export function ConnectionPill() {
  const project = useProject();
  const state = useValue(project.connection);
  const text = useText();
  const waiting = state.name === 'reconnecting';
  return (
    <div
      className="pill"
      data-state={state.name.replace(' ', '-')}
      title={state.name === 'unavailable' ? text('connection.unavailableLong') : undefined}
    >
      <span aria-hidden="true" className="pill-dot" />
      <span className="pill-text">
        {waiting ? <Countdown at={state.at} /> : text(`connection.${state.name}`)}
      </span>
      {waiting && (
        <button
          aria-label={text('connection.retry')}
          className="pill-button"
          onClick={() => project.retryConnection()}
          type="button"
        >
          {text('connection.now')}
        </button>
      )}
    </div>
  );
}

function Countdown({ at }: { readonly at: number }) {
  const text = useText();
  const seconds = Math.ceil((at - useNow()) / 1000);
  if (seconds <= 0) return text('connection.reconnectingNow');
  return (
    <>
      <span className="wide-only">{text('connection.reconnecting', { seconds })}</span>
      <span className="narrow-only">{text('connection.offline', { seconds })}</span>
    </>
  );
}
