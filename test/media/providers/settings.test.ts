import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { costOf, priceTableSchema } from '../../../media/providers/prices.ts';
import { createProviders } from '../../../media/providers/providers.ts';
import { readMediaConfig } from '../../setup/workflows.ts';
import { KEY_TEXT } from './fake-api.ts';

const env = {
  PLAYHEAD_CHAT_URL: 'http://localhost:11434/v1',
  PLAYHEAD_CHAT_KEY: KEY_TEXT,
  PLAYHEAD_CHAT_MODEL: 'llama',
  PLAYHEAD_SPEECH_URL: 'https://api.openai.com/v1',
  PLAYHEAD_SPEECH_WORKFLOWS: ' Audio ',
};

test('without settings nothing is remote', () => {
  expect(Object.values(createProviders(readMediaConfig({}).providers))).toEqual(Array(5).fill(undefined));
});

test('a URL makes a provider, for the workflows that are named', () => {
  const providers = createProviders(readMediaConfig(env).providers);
  expect(providers.chat?.name).toBe('llama');
  expect(providers.filmSpeech).toBeUndefined();
  expect(providers.audioSpeech?.name).toBe('gpt-4o-mini-tts');
});

test('the key shows neither in the settings nor in the providers, however they are printed', () => {
  const config = readMediaConfig(env);
  const printed = [config, createProviders(config.providers)].map(
    (value) => `${inspect(value, { depth: 20, showHidden: true })} ${JSON.stringify(value)}`,
  );
  expect(printed.join()).not.toContain(KEY_TEXT);
  expect(printed[0]).toContain('[secret]');
});

test('a wrong key is complained of without being shown', () => {
  const wrong = { ...env, PLAYHEAD_CHAT_KEY: `${KEY_TEXT} ` };
  expect(() => readMediaConfig(wrong)).toThrow(
    /PLAYHEAD_CHAT_KEY: expected printable.*received 25 characters$/,
  );
});

test.each([
  ['PLAYHEAD_CHAT_URL', 'https://user:secret@example.org/v1'],
  ['PLAYHEAD_CHAT_URL', 'https://example.org/v1?key=1'],
  ['PLAYHEAD_CHAT_URL', 'ftp://example.org'],
  ['PLAYHEAD_PRICES', '{"m": {"perToken": 1}}'],
  ['PLAYHEAD_PRICES', '{"m": {"perMinute": -1}}'],
  ['PLAYHEAD_PRICES', 'cheap'],
  ['PLAYHEAD_SPEECH_WORKFLOWS', 'writer'],
  ['PLAYHEAD_SPEECH_VOICES', '["nova"]'],
])('%s %s is refused', (name, value) => {
  expect(() => readMediaConfig({ [name]: value })).toThrow(`${name}: expected`);
});

test('cost is the sum over what was used; a model without a price is free', () => {
  const prices = priceTableSchema.parse({
    m: {
      inputPerMillionTokens: 2,
      outputPerMillionTokens: 8,
      perMillionCharacters: 15,
      perMinute: 0.6,
      perSecond: 0.1,
    },
  });
  const usage = {
    inputTokens: 500_000,
    outputTokens: 250_000,
    characters: 100_000,
    audioSeconds: 30,
    videoSeconds: 8,
  };
  expect(costOf(prices, 'm', usage)).toBeCloseTo(1 + 2 + 1.5 + 0.3 + 0.8, 9);
  expect(costOf(prices, 'toString', usage)).toBe(0);
});
