/** Where a list was scrolled to when it was left, so that whoever comes back finds the same place. */
import { useEffect, useLayoutEffect } from 'react';

const places = new Map<string, number>();

/** Keeps the place of the list of this name, and goes there when the list is shown again. */
export function usePlace(name: string): void {
  useLayoutEffect(() => {
    // The browser's own would come too early: the list is as high as its jobs, which are known later.
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
  // Its value, a promise in some browsers, is no end of the effect.
  useLayoutEffect(() => void scrollTo(0, 0), []);
}
