/** Removes secrets from a text, whatever it is about: the last safety net for logs. Pure. */

const HIDDEN = '[secret]';

/** Each captures what stays in front. Values end where a text, a JSON text or a URL ends them. */
const PATTERNS: readonly RegExp[] = [
  // API keys: the id stays, which names the key.
  /(\bph_[0-9a-f]{12}_)[A-Za-z0-9_-]{43}/g,
  /(\bbearer +)[^\s"'\\,]+/gi,
  // JSON Web Tokens, their header too.
  /()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  // Signed links.
  /([?&]signature=)[A-Za-z0-9_-]+/g,
  // Requests to object storage.
  /(\bX-Amz-(?:Signature|Credential|Security-Token)=)[^\s&"'\\]+/gi,
  /(\bAWS4-HMAC-SHA256 +)[^"\\]+/g,
  // Passwords in URLs.
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s/@"']+(?=@)/gi,
  /(\/webhooks\/video\/)[A-Za-z0-9_-]+/g,
  /("(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|password)" *: *")(?:[^"\\]|\\.)*/gi,
];

/** @param text one or more lines of a log, JSON or not */
export function redact(text: string): string {
  return PATTERNS.reduce((kept, pattern) => kept.replace(pattern, `$1${HIDDEN}`), text);
}
