/** This package's own package.json, and the packages that it loads only on demand. */
import { createRequire } from 'node:module';
import { PlayheadError } from './errors.ts';

/** Packages of one purpose; not installed with the package `playhead`. */
interface OptionalPackages {
  /** What needs them, as the beginning of a sentence. */
  readonly purpose: string;
  readonly names: readonly string[];
}

export const OBJECT_STORAGE: OptionalPackages = {
  purpose: 'Object storage (PLAYHEAD_STORE)',
  names: ['@aws-sdk/client-s3', '@aws-sdk/lib-storage', '@smithy/node-http-handler'],
};

export const TELEMETRY: OptionalPackages = {
  purpose: 'Exporting telemetry (OTEL_EXPORTER_OTLP_ENDPOINT)',
  names: [
    ...['@opentelemetry/api', '@opentelemetry/api-logs', '@opentelemetry/context-async-hooks'],
    ...['@opentelemetry/core', '@opentelemetry/exporter-logs-otlp-proto'],
    ...['@opentelemetry/exporter-metrics-otlp-proto', '@opentelemetry/exporter-trace-otlp-proto'],
    ...['@opentelemetry/resources', '@opentelemetry/sdk-logs', '@opentelemetry/sdk-metrics'],
    ...['@opentelemetry/sdk-trace', 'bullmq-otel'],
  ],
};

interface OwnManifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function ownManifest(): OwnManifest {
  return createRequire(import.meta.url)('../../package.json') as OwnManifest;
}

/** The version of this package. */
export function ownVersion(): string {
  return ownManifest().version;
}

/**
 * Loads a module that imports optional packages.
 * @throws PlayheadError TOOL_MISSING with the npm command that brings them, when one is not installed
 */
export async function loadOptional<Module>(
  { names, purpose }: OptionalPackages,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    const missing = missingPackage(cause);
    if (missing === undefined || !names.includes(missing)) throw cause;
    const { dependencies, peerDependencies } = ownManifest();
    const versions = { ...dependencies, ...peerDependencies };
    const wanted = names.map((name) => JSON.stringify(`${name}@${versions[name] ?? 'latest'}`));
    throw new PlayheadError(
      'TOOL_MISSING',
      `${purpose} needs the package ${missing}, which is not installed with playhead. ` +
        `Run: npm install ${wanted.join(' ')}`,
      { cause },
    );
  }
}

/** The package that a failed import did not find. */
function missingPackage(error: unknown): string | undefined {
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'ERR_MODULE_NOT_FOUND') return undefined;
  return /^Cannot find package '([^']+)'/.exec(error.message)?.[1];
}
