/** Copies a text, and says so. */
import { useState } from 'react';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';

interface CopyButtonProps {
  /** What is copied, in words: for people who do not see the icon. */
  readonly label: string;
  readonly content: string;
}

export function CopyButton({ label, content }: CopyButtonProps) {
  const text = useText();
  const [copied, setCopied] = useState('');
  const copy = (): void => {
    // Refused without a secure context: the text can still be selected.
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
