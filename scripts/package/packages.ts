/**
 * The packages published from this repository. Each has the repository's own layout, so that all code finds its files in the
 * same places as here; its dependencies follow from what its files import (manifest.ts).
 */
import { OBJECT_STORAGE, TELEMETRY } from '../../src/core/own-package.ts';

export interface PackagePlan {
  readonly name: string;
  readonly description: string;
  /** Folder under `build/`, and the folders of this repository that are compiled into it. */
  readonly folder: string;
  readonly sources: readonly string[];
  /** Other files to copy, as globs from the root. */
  readonly files: readonly string[];
  /**
   * Entry points: what users import, and the module behind it, without its ending. Adding one takes a line here, and one in
   * `exports` of this repository's package.json.
   */
  readonly entries: Readonly<Record<string, string>>;
  /** Programs, in the same form. */
  readonly programs: Readonly<Record<string, string>>;
  /** Packages that are loaded only if a setting or an import requires them, and are not installed automatically. */
  readonly optional: readonly string[];
  /** Packages pinned to the one version that src/patches patches; for others, later compatible versions are allowed. */
  readonly exact: readonly string[];
  /** Packages of this repository that it is built against. */
  readonly peers: readonly string[];
}

export const PACKAGES: readonly PackagePlan[] = [
  {
    name: 'playhead',
    description:
      'Self-hosted server for long jobs that streams their typed progress over GraphQL subscriptions',
    folder: 'playhead',
    sources: ['src', 'cli', 'client'],
    files: ['src/**/*.lua', 'web/dist/**/*', 'docs/*.md', 'examples/own-workflow/**/*'],
    entries: {
      '.': 'src/index',
      './client': 'client/index',
      './react': 'client/react/index',
      './testing': 'src/testing/test-workflow',
      './tracker': 'src/tracker/index',
    },
    programs: { playhead: 'cli/main' },
    optional: [...OBJECT_STORAGE.names, ...TELEMETRY.names, 'react'],
    exact: ['bullmq', 'graphql-redis-subscriptions', 'graphql-ws', 'ioredis'],
    peers: [],
  },
  {
    name: '@playhead/media',
    description: 'Workflows of Playhead that make narrated films, verified speech, scripts and talking heads',
    folder: 'media',
    sources: ['media'],
    files: [],
    entries: { '.': 'media/index' },
    programs: {},
    optional: [],
    exact: [],
    peers: ['playhead'],
  },
];
