/**
 * WebSocket text frames of `next` messages, byte for byte what graphql-ws would send:
 *
 *   frame header | {"id":" | the subscription's id | ","type":"next","payload": | the result's JSON | }
 *
 * All subscribers of a group get the same bytes except for their id. So the frames of a burst are laid out once, with holes of
 * the id's length, and each subscriber's id is written into the holes before its write. Pure.
 */

const ID_BEFORE = Buffer.from('{"id":"');
const ID_BEHIND = Buffer.from('","type":"next","payload":');
const END = 0x7d; // }
const AROUND = ID_BEFORE.length + ID_BEHIND.length + 1;

/** Frames without their subscription's id. */
export interface FrameTemplate {
  readonly bytes: Buffer;
  /** Offsets where the id goes, one per frame. */
  readonly holes: readonly number[];
}

/** A subscription's id as it appears between the quotes of a JSON string. */
export interface FrameId {
  readonly idText: string;
  readonly idBytes: number;
}

export function encodeFrameId(id: string): FrameId {
  const escaped = JSON.stringify(id).slice(1, -1);
  // The id itself if nothing was escaped, so that it is kept in memory only once.
  const text = escaped === id ? id : escaped;
  return { idText: text, idBytes: Buffer.byteLength(text) };
}

/**
 * Lays out the frames of several results for ids of the same length.
 * @param results each a JSON text in UTF-8
 */
export function layOutFrames(results: readonly Buffer[], idLength: number): FrameTemplate {
  let total = 0;
  for (const { length } of results) {
    const payload = AROUND + idLength + length;
    total += headerLength(payload) + payload;
  }
  const bytes = Buffer.allocUnsafe(total);
  const holes: number[] = [];
  let at = 0;
  for (const result of results) {
    at = writeHeader(bytes, at, AROUND + idLength + result.length);
    bytes.set(ID_BEFORE, at);
    at += ID_BEFORE.length;
    holes.push(at);
    at += idLength;
    bytes.set(ID_BEHIND, at);
    at += ID_BEHIND.length;
    bytes.set(result, at);
    at += result.length;
    bytes[at++] = END;
  }
  return { bytes, holes };
}

/** Copies the frames to new memory, because a write still holds the old. */
export function copyTemplate({ bytes, holes }: FrameTemplate): FrameTemplate {
  return { bytes: Buffer.from(bytes), holes };
}

/** Writes the id into every hole. @param id must have the length that the frames were laid out for */
export function fillIn({ bytes, holes }: FrameTemplate, { idText, idBytes }: FrameId): void {
  const first = holes[0] ?? 0;
  bytes.write(idText, first, idBytes);
  for (let index = 1; index < holes.length; index += 1) {
    bytes.copyWithin(holes[index] ?? 0, first, first + idBytes);
  }
}

/** Header of an unmasked, unfragmented text frame: RFC 6455, section 5.2. */
function writeHeader(bytes: Buffer, at: number, length: number): number {
  bytes[at] = 0x81;
  if (length < 126) {
    bytes[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    bytes[at + 1] = 126;
    bytes.writeUInt16BE(length, at + 2);
    return at + 4;
  }
  bytes[at + 1] = 127;
  bytes.writeBigUInt64BE(BigInt(length), at + 2);
  return at + 10;
}

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}
