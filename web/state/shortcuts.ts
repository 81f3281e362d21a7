/** Keys that work anywhere on the page, except while the user types text. */
import { useEffect } from 'react';
import { createValue, type Value } from './value.ts';

/** Whether the list of keys is shown. */
export const shortcutsShown: Value<boolean> = createValue(false);
/** Whether shortcuts are on: people who use speech input, or hit keys by accident, can turn them off. */
export const shortcutsOn: Value<boolean> = createValue(read());

const NAME = 'playhead.shortcuts';

export function setShortcuts(on: boolean): void {
  try {
    localStorage.setItem(NAME, on ? 'on' : 'off');
  } catch {
    // Storage is blocked: the choice holds until the page is left.
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

/** @param keys the action for each `KeyboardEvent.key` */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      if (act === undefined || isTaken(event)) return;
      // `?` always works: it leads to where they are turned on.
      if (!shortcutsOn.get() && event.key !== '?') return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [keys]);
}

/** Whether the key belongs to something else: text is being typed, a dialog is open, or it is a browser shortcut. */
function isTaken({ altKey, ctrlKey, metaKey, target, defaultPrevented }: KeyboardEvent): boolean {
  if (defaultPrevented || altKey || ctrlKey || metaKey) return true;
  if (document.querySelector('dialog[open]') !== null) return true;
  return target instanceof Element && target.matches('input, textarea, select, [contenteditable]');
}
