/**
 * What is published from this repository. Each package has the repository's own layout, so that everything finds its files
 * where it finds them here; its dependencies follow from what its files import (manifest.ts).
 */
import { OBJECT_STORAGE, TELEMETRY } from '../../src/core/own-package.ts';

export interface PackagePlan {
  readonly name: string;
  readonly description: string;
  /** Folder under `build/`, and the folders of this repository that are compiled into it. */
  readonly folder: string;
  readonly sources: readonly string[];
  /** What else is copied, as globs from the root. */
  readonly files: readonly string[];
  /**
   * Entry points: what people import, and the module behind it, without its ending. A new one is one line
   * here, and one in `exports` of this repository's package.json.
   */
  readonly entries: Readonly<Record<string, string>>;
  /** Programs, likewise. */
  readonly programs: Readonly<Record<string, string>>;
  /** Packages that are loaded only when a setting or an import asks for them, and are not installed along. */
  readonly optional: readonly string[];
  /** Packages that are taken in the one version that src/patches mends; of the others, also later ones of the same kind. */
  readonly exact: readonly string[];
  /** Packages of this repository that it is written against. */
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
