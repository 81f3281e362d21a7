/** Cuts a stream of bytes into WebSocket frames (RFC 6455), for clients that must cost almost nothing. */

export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly #onFrame: (opcode: number, payload: Buffer) => void;

  constructor(onFrame: (opcode: number, payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const frame = cut(bytes);
      if (frame === null) break;
      const [opcode, start, end] = frame;
      this.#onFrame(opcode, bytes.subarray(start, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}

function cut(bytes: Buffer): [opcode: number, start: number, end: number] | null {
  if (bytes.length < 2) return null;
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return null;
  const length =
    short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  return bytes.length < start + length ? null : [(bytes[0] ?? 0) & 0x0f, start, start + length];
}

/** A client's frame; its mask is zero, so that the payload is sent unchanged. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header =
    length < 126 ? [0x80 | opcode, 0x80 | length] : [0x80 | opcode, 0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), payload]);
}
