/** The text of an API key: `ph_ID_SECRET`. The id finds and names it, including in logs; the secret is kept only as a hash. */
import { randomBytes } from 'node:crypto';

const ID_BYTES = 6;
/** 256 random bits. */
const SECRET_BYTES = 32;
const KEY = /^ph_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

export interface ApiKeyParts {
  /** 12 hexadecimal digits. */
  readonly id: string;
  readonly secret: string;
}

export function newApiKey(): ApiKeyParts {
  return {
    id: randomBytes(ID_BYTES).toString('hex'),
    secret: randomBytes(SECRET_BYTES).toString('base64url'),
  };
}

export function formatApiKey({ id, secret }: ApiKeyParts): string {
  return `ph_${id}_${secret}`;
}

/** Null when the text is not an API key. */
export function parseApiKey(text: string): ApiKeyParts | null {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}
