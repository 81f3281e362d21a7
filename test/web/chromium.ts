/** Debian's Chromium through playwright-core; also for the bench and the pictures, so without the test runner. */
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../src/settings/programs.ts';

/** Chromium as root, in a closed network: it looks up no hosts of its own. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

export const DESKTOP = { width: 1280, height: 800 } as const;
export const PHONE = { width: 360, height: 740 } as const;

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ARGS });
}
