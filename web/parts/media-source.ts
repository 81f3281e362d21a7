/** Supplies a player with its file. */
import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * A player with a new link starts over, so it keeps its current link as long as that works. When it fails, a newer link is
 * used, and playback continues where it was; if there is none, `onFailed` is called, and the next link is used.
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
      // A failing player also pauses.
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
  // Nothing is loaded yet, so playback will start there.
  element.currentTime = currentTime;
  element.playbackRate = playbackRate;
  // Refused if the browser requires a click first.
  if (isPlaying) element.play().catch(() => {});
}
