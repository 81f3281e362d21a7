/** What the first view of the dashboard weighs, and how it is sent. */
import { readdirSync, statSync } from 'node:fs';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { DASHBOARD_ROOT, serveDashboard } from '../../src/http/dashboard.ts';

const LIMIT_BYTES = 200 * 1024;

test('the first view takes at most 200 KB of compressed JavaScript', () => {
  const files = readdirSync(DASHBOARD_ROOT, { recursive: true, encoding: 'utf8' });
  const scripts = files.filter((name) => name.endsWith('.js.gz'));
  expect(scripts.length).toBeGreaterThanOrEqual(2);
  const bytes = scripts.reduce((sum, name) => sum + statSync(`${DASHBOARD_ROOT}/${name}`).size, 0);
  expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
});

test('files are sent in the smallest form, for ever when named by their hash, under a strict policy', async () => {
  const url = await serve();
  const page = await fetch(`${url}/p/demo/jobs/1`, { headers: { 'accept-encoding': 'br' } });
  const html = await page.text();
  expect(page.headers.get('content-encoding')).toBe('br');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|style=|https?:/);

  const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1];
  const sent = await fetch(`${url}${script}`, { headers: { 'accept-encoding': 'gzip' } });
  // What is not read keeps its connection open.
  await sent.arrayBuffer();
  expect(sent.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(sent.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(sent.headers.get('vary')).toBe('accept-encoding');
  const plain = await fetch(`${url}${script}`, {
    method: 'HEAD',
    headers: { 'accept-encoding': 'identity' },
  });
  expect(plain.headers.get('content-encoding')).toBeNull();
  const tag = page.headers.get('etag') ?? '';
  // fetch() adds cache-control: no-cache beside if-none-match, which asks for the whole file.
  const again = await askAgain(`${url}/`, { 'accept-encoding': 'br', 'if-none-match': tag });
  expect(again).toBe(304);
});

function askAgain(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
}

async function serve(): Promise<string> {
  const http = createServer((request, response) => {
    void serveDashboard(request.url ?? '/', request, response).then((served) => {
      if (!served) response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}
