/** Frames that are laid out once for many subscribers are what WebSocket clients read, for each length of the header. */
import { expect, test } from 'vitest';
import {
  copyTemplate,
  encodeFrameId,
  fillIn,
  layOutFrames,
} from '../../src/realtime/shared-delivery/frames.ts';

/** The messages in the bytes, as a client reads them (RFC 6455, section 5.2). */
function read(bytes: Buffer): readonly string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    // A whole text, without a mask.
    expect(bytes[at]).toBe(0x81);
    const short = bytes.readUInt8(at + 1);
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    // The shortest form that holds the length is the only one that is valid.
    expect(length).toBeGreaterThanOrEqual({ 2: 0, 4: 126, 10: 65_536 }[start - at] ?? Infinity);
    messages.push(bytes.toString('utf8', start, start + length));
    at = start + length;
  }
  return messages;
}

const AROUND = '{"id":"1","type":"next","payload":}'.length;

test.each([
  ['plain', '1'],
  ['of several bytes a character', '안녕'],
  ['with what JSON escapes', 'a"\\b\n'],
])('an id that is %s, in frames at the bounds of each header', (_what, id) => {
  const frameId = encodeFrameId(id);
  const lengths = [125, 126, 65_535, 65_536].map((length) => length - AROUND - frameId.idBytes + 1);
  const results = [2, ...lengths].map((length) => `"${'x'.repeat(length - 2)}"`);
  const template = layOutFrames(
    results.map((result) => Buffer.from(result)),
    frameId.idBytes,
  );
  fillIn(template, frameId);
  const expected = results.map((result) => `{"id":${JSON.stringify(id)},"type":"next","payload":${result}}`);
  expect(read(template.bytes)).toEqual(expected);
  // Those of another subscriber, while a write still holds the former.
  const other = copyTemplate(template);
  fillIn(other, encodeFrameId('z'.repeat(frameId.idBytes)));
  expect(read(template.bytes)).toEqual(expected);
  const [first] = read(other.bytes);
  expect(first).toBe(`{"id":"${'z'.repeat(frameId.idBytes)}","type":"next","payload":""}`);
});
