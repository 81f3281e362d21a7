/**
 * A cast list in a script's head, which describes the characters:
 *
 *     Cast: Anna (female, 60), Theo (a boy with red hair)
 *
 *     ## Characters
 *     - Anna: female, 60
 *     - Theo, a boy with red hair
 */
import { calmCapitals } from './cue.ts';
import type { CastNote } from './model.ts';

const TITLE = /^(?:the )?(?:cast(?: of characters| list)?|characters|dramatis personae|등장인물|인물|출연)$/i;

/** Whether a heading or label announces a cast list. */
export function announcesCast(label: string): boolean {
  return TITLE.test(label.replace(/[:：]$/u, '').trim());
}

const ENTRY =
  /^(?<name>\p{L}[\p{L}\p{N}\p{M}.'’& -]{0,39}?)\s*(?:[:：,;–—]|\s-\s|(?=[(（]))\s*(?<description>.{1,200})/u;

/** Reads `Anna: female, 60`, `ANNA (60), a nurse`. Undefined if the line describes nobody. */
export function readCastEntry(line: string): CastNote | undefined {
  const { name, description } = ENTRY.exec(line)?.groups ?? {};
  if (name === undefined || description === undefined) return undefined;
  const words = description.replaceAll(/[()（）:：]/gu, ',').replaceAll(/^[\s,]+|[\s,.]+$/gu, '');
  return { name: calmCapitals(name.trim()), description: words };
}

/** Reads several people from one line, separated by semicolons or by commas after brackets. */
export function readCastLine(line: string): CastNote[] {
  const parts = line.split(/;|(?<=[)）])\s*,/u).map((part) => part.trim());
  return parts.flatMap((part) => readCastEntry(part) ?? []);
}
