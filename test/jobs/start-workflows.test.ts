/** What a worker makes ready before its first job, and what it makes of what a workflow's code returns. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { DefinitionError } from '../../src/core/definition-error.ts';
import type { WorkflowRun } from '../../src/jobs/contract.ts';
import type {
  WorkerContext,
  WorkerServices,
  WorkerSetup,
  WorkflowDefinition,
} from '../../src/jobs/definition.ts';
import { createRunnable, loadCode, startWorkflows } from '../../src/jobs/start-workflows.ts';
import { definitionOf } from '../setup/workflows.ts';

const CONTEXT = { noticeUrl: 'https://here.example' } as WorkerContext;

/** A workflow whose code returns the services and the input that it was given. */
function define(name: string, parts: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return {
    ...definitionOf('LIPSYNC'),
    ...{ name, worker: null, result: z.looseObject({}), resultType: `${name}Result` },
    load: async () => ({ run: async ({ input }, services) => ({ input, services }) }),
    ...parts,
  };
}

function defined(...definitions: readonly WorkflowDefinition[]): ReadonlyMap<string, WorkflowDefinition> {
  return new Map(definitions.map((definition) => [definition.name, definition]));
}

/** A setup that counts its starts. */
function setupOf(made: WorkerServices) {
  const contexts: WorkerContext[] = [];
  const worker: WorkerSetup = async () => ({
    start: async (context) => {
      contexts.push(context);
      return made;
    },
  });
  return { contexts, worker };
}

const RUN = { input: 'a text' } as unknown as WorkflowRun<never>;

test('workflows that share a setup are given what one start of it made, and others what theirs made, or nothing', async () => {
  const [one, other] = [setupOf({ services: 'shared' }), setupOf({ services: 'another' })];
  const { workflows } = await startWorkflows(
    defined(
      define('A', { worker: one.worker }),
      define('B', { worker: one.worker }),
      define('C', { worker: other.worker }),
      define('D'),
    ),
    CONTEXT,
  );
  const returned = Object.entries(workflows).map(async ([name, { run }]) => [name, await run(RUN)]);
  expect(Object.fromEntries(await Promise.all(returned))).toEqual({
    A: { type: 'AResult', input: 'a text', services: 'shared' },
    B: { type: 'BResult', input: 'a text', services: 'shared' },
    C: { type: 'CResult', input: 'a text', services: 'another' },
    D: { type: 'DResult', input: 'a text', services: undefined },
  });
  expect([one.contexts, other.contexts]).toEqual([[CONTEXT], [CONTEXT]]);
});

test('a workflow has the setup that its services name for it, and none where they name none', async () => {
  const named = setupOf({ services: null, setupOf: (workflow) => `far+${workflow}` });
  const { workflows } = await startWorkflows(
    defined(
      define('A', { worker: named.worker }),
      define('B', { worker: setupOf({ services: null }).worker }),
      define('C'),
    ),
    CONTEXT,
  );
  expect(workflows['A']).toMatchObject({ setup: 'far+A' });
  for (const name of ['B', 'C']) expect(workflows[name]).not.toHaveProperty('setup');
});

test('all that is shared is asked for abilities, told of notices and closed, each once; what it lacks is left out', async () => {
  const told: string[] = [];
  const services = (name: string): WorkerServices => ({
    services: null,
    abilities: async () => [`${name} speaks`, `${name} draws`],
    onNotice: (id) => told.push(`${name} hears ${id}`),
    close: async () => void told.push(`${name} closes`),
  });
  const { worker } = setupOf(services('one'));
  const started = await startWorkflows(
    defined(
      define('A', { worker }),
      define('B', { worker }),
      define('C', { worker: setupOf({ services: null }).worker }),
      define('D', { worker: setupOf(services('two')).worker }),
    ),
    CONTEXT,
  );
  expect(await started.abilities()).toEqual(['one speaks', 'one draws', 'two speaks', 'two draws']);
  started.notice('7');
  expect(told).toEqual(['one hears 7', 'two hears 7']);
  await started.close();
  expect(told.slice(2)).toEqual(['one closes', 'two closes']);
});

test('a close that fails is told', async () => {
  const { worker } = setupOf({ services: null, close: () => Promise.reject(new Error('still busy')) });
  const started = await startWorkflows(defined(define('A', { worker })), CONTEXT);
  await expect(started.close()).rejects.toThrow('still busy');
});

const LOADS = {
  'starts them': (definition: WorkflowDefinition) => startWorkflows(defined(definition), CONTEXT),
  'only loads them': (definition: WorkflowDefinition) => loadCode(defined(define('A'), definition)),
};

test.each(Object.entries(LOADS))(
  'who %s is told which code of workflows is wrong, and how',
  async (_, load) => {
    const away = () => Promise.reject(new Error('No such module'));
    const faults = {
      'B.run: Error: No such module': define('B', { load: away }),
      'B.worker: Error: No such module': define('B', { worker: away }),
      'B.run: expected a module that exports a function `run`': define('B', {
        load: async () => ({}) as never,
      }),
    };
    for (const [message, definition] of Object.entries(faults)) {
      const told = await load(definition).catch((error: unknown) => error);
      expect(told).toBeInstanceOf(DefinitionError);
      expect(told).toMatchObject({ message });
    }
    const nothing = load(define('B', { load: async () => undefined as never }));
    await expect(nothing).rejects.toThrow('B.run: expected a module that exports a function `run`');
  },
);

test('who only loads code starts nothing of it', async () => {
  const { contexts, worker } = setupOf({ services: null });
  await loadCode(defined(define('A', { worker }), define('B')));
  expect(contexts).toEqual([]);
});

test('a result is what the schema makes of it, under the name of its type', async () => {
  const result = z.object({ clips: z.coerce.number(), type: z.string() });
  const load = async () => ({ run: async () => ({ clips: '3', type: 'Another', more: true }) });
  expect(await createRunnable(define('A', { load, result }), null).run(RUN)).toEqual({
    ...{ clips: 3, type: 'AResult' },
  });
});

test('a result that does not match its schema is a fault of the workflow, told with each place', async () => {
  const result = z.object({
    film: z.object({ name: z.string('expected a text') }),
    clips: z.int('expected a number'),
  });
  const load = async () => ({ run: async () => ({ film: { name: 1 } }) });
  const told = await createRunnable(define('A', { load, result }), null)
    .run(RUN)
    .catch((error: unknown) => error);
  expect(told).toMatchObject({
    code: 'INTERNAL',
    message:
      'The workflow A returned a result that does not match its schema; result.film.name: expected a text; result.clips: expected a number',
    cause: expect.any(z.ZodError),
  });
});

test('a result that matches its schema and is no object is a fault of the workflow too', async () => {
  const load = async () => ({ run: async () => 'done' });
  const told = createRunnable(define('A', { load, result: z.string() }), null).run(RUN);
  await expect(told).rejects.toMatchObject({
    code: 'INTERNAL',
    message: 'The workflow A returned a result that does not match its schema',
  });
});
