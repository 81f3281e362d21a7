/** The settings of where files are kept: one part of the settings table, and how it is read. */
import { z } from 'zod';
import type { StoreSettings } from '../store/open-store.ts';
import { onOrOff, type Setting, secretText } from './setting.ts';

/** `s3://bucket` or `s3://bucket/some/prefix`. */
const STORE = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}){0,8})\/?$/;

/** It must not contain credentials or a path: it appears in logs. */
function isEndpoint(url: string): boolean {
  const { username, password, pathname, search, hash } = new URL(url);
  return username === '' && password === '' && pathname === '/' && search === '' && hash === '';
}

export const STORE_SETTINGS = {
  PLAYHEAD_STORE: {
    schema: z.string().regex(STORE).optional(),
    expected: 's3://bucket or s3://bucket/prefix',
    default: '—',
    meaning:
      'S3-compatible object storage in which API processes and workers keep files. Unset: artifacts/ in the data folder.',
  },
  PLAYHEAD_S3_ENDPOINT: {
    schema: z
      .url({ protocol: /^https?$/ })
      .refine(isEndpoint)
      .optional(),
    expected: 'an http:// or https:// URL without credentials, path or query',
    default: '—',
    meaning: 'Address of the object storage. Unset: Amazon’s for the region.',
  },
  PLAYHEAD_S3_REGION: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/)
      .default('us-east-1'),
    expected: '1 to 64 letters, digits or -',
    default: 'us-east-1',
    meaning: 'Region of the bucket.',
  },
  PLAYHEAD_S3_ACCESS_KEY: {
    schema: secretText(1),
    expected: 'printable ASCII characters without spaces',
    default: '—',
    meaning:
      'Id of an access key that may list, read, write and delete in the bucket. If this and PLAYHEAD_S3_SECRET_KEY are unset, the AWS_… variables or the machine’s role are used.',
    secret: true,
  },
  PLAYHEAD_S3_SECRET_KEY: {
    schema: secretText(1),
    expected: 'printable ASCII characters without spaces',
    default: '—',
    meaning: 'Secret of the access key.',
    secret: true,
  },
  PLAYHEAD_S3_PATH_STYLE: {
    schema: onOrOff,
    expected: 'on or off',
    default: '—',
    meaning:
      'Whether the bucket is part of the path (endpoint/bucket) or of the host name. Unset: on if PLAYHEAD_S3_ENDPOINT is set.',
  },
} as const satisfies Record<string, Setting>;

/** Returns a setting's parsed value; an invalid one is recorded, and undefined. */
type ReadSetting = <Name extends keyof typeof STORE_SETTINGS>(
  name: Name,
) => z.infer<(typeof STORE_SETTINGS)[Name]['schema']>;

/** @param problems gets a line for everything that does not fit together */
export function readStore(read: ReadSetting, problems: string[]): StoreSettings {
  const store = read('PLAYHEAD_STORE');
  const endpoint = read('PLAYHEAD_S3_ENDPOINT');
  const region = read('PLAYHEAD_S3_REGION');
  const accessKey = read('PLAYHEAD_S3_ACCESS_KEY');
  const secretKey = read('PLAYHEAD_S3_SECRET_KEY');
  const pathStyle = read('PLAYHEAD_S3_PATH_STYLE') ?? endpoint !== undefined;
  if ((accessKey === undefined) !== (secretKey === undefined)) {
    const [missing, given] = accessKey === undefined ? ['ACCESS', 'SECRET'] : ['SECRET', 'ACCESS'];
    problems.push(`PLAYHEAD_S3_${missing}_KEY: expected to be set where PLAYHEAD_S3_${given}_KEY is`);
  }
  if (store === undefined && (endpoint !== undefined || accessKey !== undefined)) {
    problems.push('PLAYHEAD_STORE: expected s3://bucket where PLAYHEAD_S3_… is set');
  }
  if (store === undefined) return { kind: 'folder' };
  const [, bucket = '', prefix = ''] = STORE.exec(store) ?? [];
  const credentials = accessKey && secretKey && { accessKey, secretKey };
  return { kind: 's3', bucket, prefix: prefix.slice(1), endpoint, region, credentials, pathStyle };
}
