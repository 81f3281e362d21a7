/** Keys that do something wherever one is on the page, unless one writes. */
import { useEffect } from 'react';
import { createValue, type Value } from './value.ts';

/** Whether the list of the keys is shown. */
export const shortcutsShown: Value<boolean> = createValue(false);
/** Whether they count: somebody who speaks to the page, or whose hand slips, can turn them off. */
export const shortcutsOn: Value<boolean> = createValue(read());

const NAME = 'playhead.shortcuts';

export function setShortcuts(on: boolean): void {
  try {
    localStorage.setItem(NAME, on ? 'on' : 'off');
  } catch {
    // Storage is blocked: it holds until the page is left.
  }
  shortcutsOn.set(on);
}

function read(): boolean {
  try {
    return localStorage.getItem('playhead.shortcuts') !== 'off';
  } catch {
    return true;
  }
}

/** @param keys what each does, by `KeyboardEvent.key` */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (act === undefined || isTaken(event)) return;
      // `?` works all the same: it leads to where they are turned on.
      if (!shortcutsOn.get() && event.key !== '?') return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [keys]);
}

/** The key is somebody else's: text is being written, a dialog is open, or it is one of the browser's own. */
function isTaken({ altKey, ctrlKey, metaKey, target, defaultPrevented }: KeyboardEvent): boolean {
  if (defaultPrevented || altKey || ctrlKey || metaKey) return true;
  if (document.querySelector('dialog[open]') !== null) return true;
  return target instanceof Element && target.matches('input, textarea, select, [contenteditable]');
}
