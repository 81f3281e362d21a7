/** The key that names a call, so that it can be repeated. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;
export const IDEMPOTENCY_KEY_EXPECTED = '1 to 200 printable ASCII characters';
