/** What is wrong in the modules of a project is said with its file and line, when a process starts. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playhead-load-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs code in a Node of its own, which loads modules as a process does, and not as the tests' runner. */
async function failureOf(call: string, code: string): Promise<string> {
  const own = await mkdtemp(join(folder, 'project-'));
  await mkdir(join(own, 'node_modules'));
  await writeFile(join(own, 'workflow.ts'), code);
  const config = "import { one } from './workflow.ts';\nexport default { workflows: [one] };\n";
  await writeFile(join(own, 'playhead.config.ts'), config);
  const script = `import { loadWorkflows } from '${ROOT}/src/workflow/project.ts';
    import { startWorkflows } from '${ROOT}/src/jobs/start-workflows.ts';
    import { defineWorkflow } from '${ROOT}/src/workflow/define-workflow.ts';
    import { z } from '${import.meta.resolve('zod')}';
    await (async () => { ${call} })().catch(({ name, message }) => console.log(name + '|' + message));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: own,
  });
  const [, name, message = ''] = /^(\w+)\|([\s\S]*)\n$/.exec(stdout) ?? [];
  expect(name, stdout).toBe('DefinitionError');
  return message;
}

const LOAD = 'await loadWorkflows();';
const RUN = `const one = defineWorkflow({
    name: 'ONE', description: 'One.', steps: { a: 1 }, input: z.object({}), result: z.object({}),
    run: () => import(process.cwd() + '/workflow.ts'),
  });
  await startWorkflows(new Map([['ONE', one]]), {});`;

test.each([
  [
    'wrong syntax',
    'export const two = 2;\nexport const one = { a: ;\n',
    /^workflow\.ts:2: Expression expected\n[\s\S]*\^$/,
  ],
  ['an enum', 'export enum One { two }\n', /^workflow\.ts:1: TypeScript enum is not supported/],
  [
    'an export that is not there',
    'export const two = 2;\n',
    /^playhead\.config\.ts:1: .*'\.\/workflow\.ts' does not provide an export named 'one'/,
  ],
  [
    'a file that is not there',
    "import './run.ts';\nexport const one = 1;\n",
    /^workflow\.ts: Cannot find module .*run\.ts/,
  ],
  [
    'a package that is not there',
    "import 'no-such-package';\nexport const one = 1;\n",
    /^workflow\.ts: Cannot find package 'no-such-package'/,
  ],
  [
    'an error of its own',
    'const nothing: any = null;\nexport const one = nothing.name;\n',
    /^workflow\.ts:2:28: TypeError: Cannot read properties of null/,
  ],
])('%s is told with its place', async (_, code, expected) => {
  expect(await failureOf(LOAD, code)).toMatch(expected);
});

test('a wrong definition is told with its place and its field', async () => {
  const code = `import { defineWorkflow } from '${ROOT}/src/workflow/define-workflow.ts';
import { z } from '${import.meta.resolve('zod')}';
export const one = defineWorkflow({
  name: 'ONE', description: 'One.', steps: { a: 1 },
  input: z.object({ at: z.date() }), result: z.object({}), run: async () => ({ run: async () => ({}) }),
});
`;
  expect(await failureOf(LOAD, code)).toMatch(/^workflow\.ts:3:20: ONE\.input\.at: /);
});

test.each([
  ['broken', 'export function run() {\n  return {;\n}\n', /^workflow\.ts:2: [\s\S]*\n {2}return {;\n *\^$/],
  ['empty', 'export const ran = 1;\n', /^ONE\.run: expected a module that exports a function `run`$/],
])(
  'a worker that starts loads the code of its workflows, and says that it is %s',
  async (_, code, expected) => {
    expect(await failureOf(RUN, code)).toMatch(expected);
  },
);
