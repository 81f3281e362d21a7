/** Keeps an exception in one part from taking down the whole page: reports it, and offers to reload the page. */
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';

interface BoundaryProps {
  readonly children: ReactNode;
}

export class ErrorBoundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error: error ?? new Error('unknown') };
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    console.error('A part of the page failed', error, componentStack);
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : <Broken error={error} />;
  }
}

function Broken({ error }: { readonly error: unknown }) {
  const text = useText();
  return (
    <section className="nothing" role="alert">
      <Glyph name="warning" />
      <h1>{text('broken.title')}</h1>
      <p>{text('broken.hint')}</p>
      <button className="button primary" onClick={() => location.reload()} type="button">
        <Glyph name="retry" />
        {text('broken.reload')}
      </button>
      <details>
        <summary>{text('error.details')}</summary>
        <pre className="json">{String(error)}</pre>
      </details>
    </section>
  );
}
