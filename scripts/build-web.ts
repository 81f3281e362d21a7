/**
 * `npm run build`: builds the dashboard (web/) into web/dist, with brotli and gzip versions of every text file, and
 * GraphiQL's page. Does nothing if it has already been built from the same sources; `--force` builds in any case. The start
 * and demo scripts run it first.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { GRAPHIQL_OPTIONS, GRAPHIQL_PAGE } from '../src/http/graphiql-page.ts';

const OUTPUT = 'web/dist';
const STAMP = join(OUTPUT, '.sources');
/** Everything that the build reads. */
const SOURCES = [
  'web/*.*',
  'web/{api,forms,generated,parts,public,state,styles,text,views}/**/*.*',
  'client/**/*.ts',
  'scripts/build-web.ts',
  'src/http/graphiql-page.ts',
  'package-lock.json',
];
const TEXTS = '**/*.{html,js,css,svg}';

const sources = await hashSources();
const built = await readFile(STAMP, 'utf8').catch(() => '');
if (built !== sources || process.argv.includes('--force')) await build();

async function build(): Promise<void> {
  const started = performance.now();
  if (!existsSync('node_modules/vite')) {
    process.stderr.write('playhead: Vite is not installed (npm ci); the dashboard is not built.\n');
    return;
  }
  // A test run's NODE_ENV would give React's development build.
  process.env['NODE_ENV'] = 'production';
  // Loaded only when there is something to build: it takes longer than the check.
  const vite = await import('vite');
  await vite.build({ configFile: 'web/vite.config.ts', logLevel: 'warn' });
  for await (const file of glob(TEXTS, { cwd: OUTPUT })) await compress(join(OUTPUT, file));
  await buildGraphiQL();
  await writeFile(STAMP, sources);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`Built the dashboard in ${seconds} s\n`);
}

/** The package contains the page twice, as modules of 9 MB; compressed it is a fifth of that, and loaded only on request. */
async function buildGraphiQL(): Promise<void> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = String(renderGraphiQL(JSON.parse(GRAPHIQL_OPTIONS) as object));
  if (html.split(GRAPHIQL_OPTIONS).length !== 2)
    throw new Error('GraphiQL: expected its options once in the page');
  // The best quality takes eight times as long, for a tenth less.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 };
  await writeFile(join(OUTPUT, GRAPHIQL_PAGE), await promisify(brotliCompress)(html, { params }));
}

async function compress(path: string): Promise<void> {
  const text = await readFile(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(text, { params }));
  await writeFile(`${path}.gz`, await promisify(gzip)(text, { level: 9 }));
}

async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  const files: string[] = [];
  for await (const file of glob(SOURCES, { cwd: '.' })) files.push(file);
  for (const file of files.sort()) hash.update(file).update(await readFile(file));
  return hash.digest('hex');
}
