/** What providers charge, from a table in the settings; a model that is not in it counts as free. */
import { z } from 'zod';

const amount = z
  .number({ error: 'expected US dollars as a number' })
  .nonnegative({ error: 'expected 0 or more US dollars' });

const priceSchema = z.strictObject({
  /** Per million tokens of the prompt. */
  inputPerMillionTokens: amount.default(0),
  /** Per million tokens of the answer. */
  outputPerMillionTokens: amount.default(0),
  /** Per million characters spoken. */
  perMillionCharacters: amount.default(0),
  /** Per minute of audio: spoken, or listened to. */
  perMinute: amount.default(0),
  /** Per second of video. */
  perSecond: amount.default(0),
});

/** Prices by model name, in US dollars. */
export const priceTableSchema = z.record(z.string(), priceSchema);
export type PriceTable = z.infer<typeof priceTableSchema>;

/** What one call used; fields that do not apply are omitted. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly characters?: number;
  readonly audioSeconds?: number;
  readonly videoSeconds?: number;
}

/** @returns US dollars; 0 for a model without a price */
export function costOf(prices: PriceTable, model: string, usage: Usage): number {
  const price = Object.hasOwn(prices, model) ? prices[model] : undefined;
  if (price === undefined) return 0;
  const micro =
    (usage.inputTokens ?? 0) * price.inputPerMillionTokens +
    (usage.outputTokens ?? 0) * price.outputPerMillionTokens +
    (usage.characters ?? 0) * price.perMillionCharacters;
  return (
    micro / 1e6 +
    ((usage.audioSeconds ?? 0) / 60) * price.perMinute +
    (usage.videoSeconds ?? 0) * price.perSecond
  );
}
