/** The docs' tables are the code's tables (`npm run print-tables` writes them), and defaults are those that the code has. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MEDIA_SETTINGS } from '../../media/settings.ts';
import { ERRORS_PAGE, SETTINGS_PAGE, withTable } from '../../scripts/print-tables.ts';
import { readConfig, SETTINGS_TABLE } from '../../src/settings/config.ts';

test.each([ERRORS_PAGE, SETTINGS_PAGE])('$file has every row of the code’s table, and no other', (page) => {
  const text = readFileSync(new URL(`../../${page.file}`, import.meta.url), 'utf8');
  expect(text).toBe(withTable(text, page));
});

/** Defaults that depend on whether authentication is on, and what the configuration makes of them when it is. */
const WITH_AUTHENTICATION: Readonly<Record<string, (config: ReturnType<typeof readConfig>) => number>> = {
  PLAYHEAD_MAX_CONNECTIONS_PER_ADDRESS: ({ security }) => security.maxConnectionsPerAddress,
  PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN: ({ security }) => security.maxConnectionsPerToken,
  PLAYHEAD_MAX_SUBSCRIPTIONS: ({ security }) => security.maxSubscriptions,
  PLAYHEAD_MAX_DOCUMENTS_MB: ({ security }) => security.maxDocumentBytes / 1_048_576,
  PLAYHEAD_MAX_OPERATIONS_PER_SECOND: ({ security }) => security.maxOperationsPerSecond,
};
const settings = Object.entries({ ...SETTINGS_TABLE, ...MEDIA_SETTINGS });

describe('an unset variable has the effect of its shown default', () => {
  test.each(settings.filter(([name]) => !(name in WITH_AUTHENTICATION)))('%s', (_, setting) => {
    const unset = setting.schema.parse(undefined);
    if (setting.default === '—') expect([undefined, []]).toContainEqual(unset);
    else expect(setting.schema.parse(setting.default)).toEqual(unset);
  });

  test.each(Object.entries(WITH_AUTHENTICATION))('%s, with authentication on and off', (name, read) => {
    const shown = Number(settings.find(([other]) => other === name)?.[1].default);
    expect(read(readConfig({ PLAYHEAD_AUTH_SECRET: 'a'.repeat(32) }))).toBe(shown);
    expect(read(readConfig({}))).toBe(Number.POSITIVE_INFINITY);
  });
});

test('what has no default says what happens without it, unless another setting calls for it', () => {
  const silent = settings
    .filter(([, setting]) => setting.default === '—' && !/\b[Uu]nset\b/.test(setting.meaning))
    .map(([name]) => name);
  expect(silent).toEqual([
    'PLAYHEAD_S3_SECRET_KEY',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'PLAYHEAD_SECRETS_FILE',
    'PLAYHEAD_AUTH_SECRET',
    'PLAYHEAD_JWT_JWKS_URL',
    'PLAYHEAD_JWT_ISSUER',
    'PLAYHEAD_JWT_AUDIENCE',
    'PLAYHEAD_CHAT_KEY',
    'PLAYHEAD_SPEECH_KEY',
    'PLAYHEAD_SPEECH_VOICES',
    'PLAYHEAD_RECOGNITION_KEY',
    'PLAYHEAD_VIDEO_KEY',
  ]);
});
