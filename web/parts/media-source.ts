/** Gives a player its file. */
import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * A player that is given another link begins anew, so it keeps the one that it has while that works. When it fails, a newer
 * one is taken, and it goes on where it stood; when there is none, that is said, and one that comes then is taken.
 * @param url of the same file for the player's whole life
 */
export function useMediaSource(
  player: RefObject<HTMLMediaElement | null>,
  url: string,
  onFailed: (url: string) => void,
): void {
  const isWanted = useRef(false);
  useLayoutEffect(() => {
    const element = player.current;
    if (element === null) return;
    const take = (): void => {
      if (element.getAttribute('src') === url) onFailed(url);
      else give(element, url, isWanted.current);
    };
    const note = (): void => {
      // A player that fails pauses, too.
      if (element.error === null) isWanted.current = !element.paused;
    };
    if (!element.hasAttribute('src') || element.error !== null) take();
    element.addEventListener('error', take);
    for (const name of ['play', 'pause']) element.addEventListener(name, note);
    return () => {
      element.removeEventListener('error', take);
      for (const name of ['play', 'pause']) element.removeEventListener(name, note);
    };
  }, [player, url, onFailed]);
}

function give(element: HTMLMediaElement, url: string, isPlaying: boolean): void {
  const { currentTime, playbackRate } = element;
  element.src = url;
  // Nothing is loaded yet: that is where it will begin.
  element.currentTime = currentTime;
  element.playbackRate = playbackRate;
  // Refused, where the browser wants a click first.
  if (isPlaying) element.play().catch(() => {});
}
