/** How a person calls this program: from a checkout of its repository, or from the installed package. */
const isCheckout = import.meta.url.endsWith('.ts');

export const PROGRAM = isCheckout ? 'npm run playhead --' : 'npx playhead';
/** Starts a server on this machine. */
export const START = isCheckout ? 'npm start' : 'npx playhead start';
/** For help texts: what else to know about calling it; empty if nothing. */
export const CALLING = isCheckout
  ? 'With npm, options follow two dashes:  npm run playhead -- jobs --first 5'
  : '';
