/** Copies a text, and confirms it. */
import { useState } from 'react';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';

interface CopyButtonProps {
  /** What is copied, in words, for people who cannot see the icon. */
  readonly label: string;
  readonly content: string;
}

export function CopyButton({ label, content }: CopyButtonProps) {
  const text = useText();
  const [copied, setCopied] = useState('');
  const copy = (): void => {
    // Refused outside secure contexts; the text can still be selected.
    void navigator.clipboard?.writeText(content).then(
      () => setCopied(content),
      () => {},
    );
  };
  return (
    <span className="copy">
      <button aria-label={label} className="icon-button" onClick={copy} title={label} type="button">
        <Glyph name="copy" />
      </button>
      <span aria-live="polite" className="small">
        {copied === content && content !== '' ? text('job.copied') : ''}
      </span>
    </span>
  );
}
