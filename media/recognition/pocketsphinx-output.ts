/** Parses PocketSphinx's output into words with times. */
import { PlayheadError, startOf } from 'playhead';
import { z } from 'zod';
import type { RecognizedWord } from '../providers/recognition.ts';

/**
 * Parses the output of `pocketsphinx_continuous -time yes`: the text of an utterance, then for each of its words a line
 * `word start end probability`, in seconds from the start of the file.
 */
export function parseContinuousOutput(output: string): RecognizedWord[] {
  return output.split('\n').flatMap((line) => {
    const [, symbol = '', start, end] = /^(\S+) (\d+\.\d+) (\d+\.\d+) (\d+\.\d+)$/.exec(line.trim()) ?? [];
    return toWord(symbol, Number(start), Number(end));
  });
}

const segment = z.object({ b: z.number(), d: z.number(), t: z.string() });
const utterance = z.object({ w: z.array(segment) });

/** `pocketsphinx single` (5.x) prints a line of JSON: `{"b", "d", "t", "w": [{"b": start, "d": length, "t": word}]}`. */
export function parseSingleOutput(output: string): RecognizedWord[] {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line) => {
    try {
      return utterance.parse(JSON.parse(line)).w.flatMap(({ t, b, d }) => toWord(t, b, b + d));
    } catch (cause) {
      throw new PlayheadError('PROVIDER_FAILED', 'pocketsphinx: expected a line of JSON for each utterance', {
        cause,
        details: { received: startOf(line, 200) },
      });
    }
  });
}

/** `hundred(2)` is another pronunciation of a word; `<sil>`, `[NOISE]` and `++UH++` are not words. */
function toWord(symbol: string, startSeconds: number, endSeconds: number): RecognizedWord[] {
  if (symbol === '' || /^[<[+]/.test(symbol)) return [];
  return [{ text: symbol.replace(/\(\d+\)$/, ''), startSeconds, endSeconds }];
}
