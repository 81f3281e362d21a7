/** Shows what a script in a form will become: its scenes, lines and speakers. */
import { useMemo } from 'react';
import type { Fault } from '../forms/checks.ts';
import { useText } from '../text/use-text.ts';
import { outlineScript } from './script.ts';

const MAX_LINES = 500;

/** Counts lines as the server does; the server also reports any other fault. */
export function checkScript(script: string): Fault | null {
  const scenes = outlineScript(script);
  if (scenes === null) return null;
  const lines = scenes.reduce((sum, scene) => sum + scene.lines.length, 0);
  if (lines === 0 || !scenes.some((scene) => scene.lines.some(({ text }) => /[\p{L}\p{N}]/u.test(text))))
    return { key: 'form.noLine' };
  return lines > MAX_LINES ? { key: 'form.tooManyLines', values: { most: MAX_LINES } } : null;
}

export function ScriptOutline({ text: script }: { readonly text: string }) {
  const text = useText();
  const scenes = useMemo(() => outlineScript(script) ?? [], [script]);
  const lines = scenes.flatMap((scene) => scene.lines);
  if (lines.length === 0) return null;
  const speakers = new Set(lines.map(({ speaker }) => speaker).filter((speaker) => speaker !== null));
  return (
    <p className="outline">
      {text('form.outline', { scenes: scenes.length, lines: lines.length })}
      {[...speakers].map((name) => (
        <span className="speaker" key={name}>
          {name}
        </span>
      ))}
    </p>
  );
}
