/** Remembers a list's scroll position when it is left, and restores it on return. */
import { useEffect, useLayoutEffect } from 'react';

const places = new Map<string, number>();

/** Keeps the scroll position of the list with this name, and restores it when the list is shown again. */
export function usePlace(name: string): void {
  useLayoutEffect(() => {
    // The browser's own restoration comes too early: the list only gets its height with its jobs, which are known later.
    history.scrollRestoration = 'manual';
    scrollTo(0, places.get(name) ?? 0);
  }, [name]);
  useEffect(() => {
    const note = (): void => void places.set(name, scrollY);
    addEventListener('scroll', note, { passive: true });
    return () => removeEventListener('scroll', note);
  }, [name]);
}

/** Begins a page at its top. */
export function useTop(): void {
  // scrollTo's return value, a promise in some browsers, must not become the effect's cleanup.
  useLayoutEffect(() => void scrollTo(0, 0), []);
}
