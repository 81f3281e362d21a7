/** What stands in the addresses of the dashboard: the project, the page, the filter of the list. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  type JobFilter,
  MAX_SEARCH_CHARS,
  NO_FILTER,
  readFilter,
  writeFilter,
} from '../../web/state/job-filter.ts';

type RouteModule = typeof import('../../web/state/route.ts');
let addresses: RouteModule;

beforeAll(async () => {
  vi.stubGlobal('location', { pathname: '/', search: '' });
  vi.stubGlobal('addEventListener', () => {});
  vi.stubGlobal('navigator', { language: 'en-US' });
  vi.resetModules();
  addresses = await import('../../web/state/route.ts');
});

afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const ALL: JobFilter = {
  ...{ status: ['RUNNING', 'FAILED'], workflow: ['DIRECTOR', 'AUDIO'], search: 'two words', since: '24h' },
  ...{ from: '2026-01-31T09:30', to: '2026-02-01T00:00' },
};

test.each<[Partial<JobFilter>, string]>([
  [{}, ''],
  [{ status: ['RUNNING'] }, 'status=RUNNING'],
  [{ status: ['RUNNING', 'FAILED'] }, 'status=RUNNING%2CFAILED'],
  [{ workflow: ['DIRECTOR', 'AUDIO'] }, 'workflow=DIRECTOR%2CAUDIO'],
  [{ search: 'two words' }, 'search=two+words'],
  [{ since: '7d' }, 'since=7d'],
])('the filter %j is written with what it asks for alone', (changes, expected) => {
  expect(writeFilter({ ...NO_FILTER, ...changes }).toString()).toBe(expected);
});

test('what a filter has written is read again, and what is none is left out', () => {
  expect(readFilter(writeFilter(ALL))).toEqual(ALL);
  expect(readFilter(writeFilter(NO_FILTER))).toEqual(NO_FILTER);
  const status = ['RUNNING', 'QUEUED', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
  expect(readFilter(writeFilter({ ...NO_FILTER, status }))).toEqual({ ...NO_FILTER, status });
  const long = 'x'.repeat(MAX_SEARCH_CHARS);
  expect(readFilter(new URLSearchParams({ search: `${long}y` })).search).toBe(long);
  const others = 'status=RUNNING,NONE,RUNNING&workflow=audio,AUDIO&since=2h&from=2026-01-31&view=table';
  expect(readFilter(new URLSearchParams(others))).toEqual({
    ...NO_FILTER,
    ...{ status: ['RUNNING'], workflow: ['AUDIO'] },
  });
});

test('the pages of a project have addresses, which lead to them', () => {
  const { jobPath, listPath, parseRoute, statisticsPath, webhooksPath } = addresses;
  const filter = ALL;
  expect(listPath('a')).toBe('/p/a');
  expect(listPath('a', NO_FILTER, true)).toBe('/p/a?view=table');
  expect(listPath('a', { ...NO_FILTER, status: ['RUNNING', 'FAILED'] })).toBe('/p/a?status=RUNNING,FAILED');
  expect(jobPath('a', 'j1')).toBe('/p/a/jobs/j1');
  expect(statisticsPath('a')).toBe('/p/a/statistics');
  expect(webhooksPath('a')).toBe('/p/a/webhooks');
  const list = {
    projectId: 'a',
    page: 'list',
    jobId: null,
    wrongProject: null,
    filter: NO_FILTER,
    table: false,
  };
  const read = (address: string): unknown => {
    const { pathname, search } = new URL(address, 'http://server');
    return parseRoute(pathname, search, 'last');
  };
  expect(read(listPath('a'))).toEqual(list);
  expect(read(listPath('a', filter, true))).toEqual({ ...list, filter, table: true });
  expect(read(jobPath('a', 'j1'))).toEqual({ ...list, page: 'job', jobId: 'j1' });
  expect(read(statisticsPath('a'))).toEqual({ ...list, page: 'statistics' });
  expect(read(webhooksPath('a'))).toEqual({ ...list, page: 'webhooks' });
});

test('an address that is none of ours is the list of the project looked at last, and says what is no project', () => {
  const read = (path: string): unknown => addresses.parseRoute(path, '', 'last');
  const list = { projectId: 'last', page: 'list', jobId: null, wrongProject: null };
  expect(read('/')).toMatchObject(list);
  expect(read('/q/a/jobs/j1')).toMatchObject(list);
  expect(read('/p/')).toMatchObject(list);
  expect(read('/p/a/jobs')).toMatchObject({ ...list, projectId: 'a' });
  expect(read('/p/a/jobs/')).toMatchObject({ ...list, projectId: 'a' });
  expect(read('/p/a/other/j1')).toMatchObject({ ...list, projectId: 'a' });
  expect(read('/p/my%20project/statistics')).toMatchObject({ ...list, wrongProject: 'my project' });
  expect(read('/p/50%/jobs/j1')).toMatchObject({ ...list, wrongProject: '50%' });
});
