/**
 * Limits how much memory the open subscriptions of one credential keep in this process. Each may have a document of its own, up
 * to 1 MB when parsed, and variables of any shape; a credential may have thousands open.
 *
 * Sizes are estimates, measured with Node 24 on documents and JSON made to be large: at least what is kept, and up to twice
 * that for ordinary ones.
 */
import { type DocumentNode, TokenKind } from 'graphql';
import { PlayheadError } from '../core/errors.ts';
import { nothing } from '../core/nothing.ts';

/** The most bytes that a token of a parsed document takes, including its share of the nodes; a comment is in no node. */
const TOKEN_BYTES = 512;
const COMMENT_BYTES = 96;
/** Bytes of an object, list or text apart from its content, and of each slot in one. */
const VALUE_BYTES = 64;
const PLACE_BYTES = 8;
const CHAR_BYTES = 2;

/** What an operation keeps in memory while it is open. */
export interface RetainedData {
  /** Counted once for all operations of the same credential that share it. */
  readonly document?: DocumentNode;
  /** The JSON that came with it: text, variables, extensions, id. */
  readonly params: unknown;
}

interface Owner {
  bytes: number;
  /** How many open operations share each document. */
  readonly documents: Map<DocumentNode, number>;
}

export class OperationMemory {
  readonly #mostBytes: number;
  readonly #owners = new Map<string, Owner>();
  readonly #sizes = new WeakMap<DocumentNode, number>();

  /** @param mostBytes for each owner; Infinity: no limit */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Bytes of one owner's open operations. */
  bytesOf(name: string): number {
    return this.#owners.get(name)?.bytes ?? 0;
  }

  /**
   * Counts an operation.
   * @returns a function to call when the operation is over
   * @throws PlayheadError TOO_COMPLEX when it is too large by itself, RATE_LIMITED when it is too much together with the others
   */
  hold(name: string, held: RetainedData): () => void {
    return Number.isFinite(this.#mostBytes) ? this.#hold(name, held) : nothing;
  }

  #hold(name: string, { document, params }: RetainedData): () => void {
    const owner = this.#owners.get(name) ?? { bytes: 0, documents: new Map<DocumentNode, number>() };
    const ownBytes = sizeOfJson(params);
    const documentBytes = document === undefined ? 0 : this.#sizeOf(document);
    const isShared = document !== undefined && owner.documents.has(document);
    const bytes = ownBytes + (isShared ? 0 : documentBytes);
    this.#check(bytes, owner.bytes + bytes);
    owner.bytes += bytes;
    if (document !== undefined) owner.documents.set(document, (owner.documents.get(document) ?? 0) + 1);
    this.#owners.set(name, owner);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      owner.bytes -= ownBytes;
      if (document !== undefined) {
        const left = (owner.documents.get(document) ?? 1) - 1;
        if (left === 0) owner.bytes -= documentBytes;
        if (left === 0) owner.documents.delete(document);
        else owner.documents.set(document, left);
      }
      if (owner.bytes === 0) this.#owners.delete(name);
    };
  }

  #check(alone: number, together: number): void {
    const limit = this.#mostBytes;
    if (together <= limit) return;
    const isAlone = alone > limit;
    const counted = isAlone ? alone : together;
    throw new PlayheadError(
      isAlone ? 'TOO_COMPLEX' : 'RATE_LIMITED',
      `documents and variables of open subscriptions: expected at most about ${limit} bytes, received ${counted}`,
      { details: { name: 'documents', limit, counted } },
    );
  }

  #sizeOf(document: DocumentNode): number {
    let size = this.#sizes.get(document);
    if (size === undefined) {
      size = sizeOfDocument(document);
      this.#sizes.set(document, size);
    }
    return size;
  }
}

function sizeOfDocument({ loc }: DocumentNode): number {
  let bytes = 0;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) {
    bytes += token.kind === TokenKind.COMMENT ? COMMENT_BYTES : TOKEN_BYTES;
  }
  return bytes;
}

/** Not recursive: a client's JSON may be as deep as it is long. */
function sizeOfJson(json: unknown): number {
  let bytes = 0;
  const open: unknown[] = [json];
  while (open.length > 0) {
    const value = open.pop();
    bytes += PLACE_BYTES;
    if (typeof value === 'string') {
      bytes += VALUE_BYTES + value.length * CHAR_BYTES;
    } else if (Array.isArray(value)) {
      bytes += VALUE_BYTES;
      for (const entry of value) open.push(entry);
    } else if (typeof value === 'object' && value !== null) {
      bytes += VALUE_BYTES;
      for (const [key, entry] of Object.entries(value)) {
        bytes += key.length * CHAR_BYTES;
        open.push(entry);
      }
    }
  }
  return bytes;
}
