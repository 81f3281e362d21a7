/** Runs the Director without Redis: a WorkflowRun that keeps step outputs in memory and files in a temporary folder. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { JobFiles, StepRun, WorkflowRun } from '../../src/jobs/contract.ts';
import type { ScriptInput } from '../../src/media/script-input.ts';
import { STEP_TABLES, type StepName } from '../../src/progress/steps.ts';

type DirectorStep = StepName<'DIRECTOR'>;

export interface Update {
  readonly step: DirectorStep;
  readonly progress: number;
  readonly message: string;
  readonly metadata: JsonObject | undefined;
}

export interface FilmRun extends WorkflowRun<ScriptInput, DirectorStep> {
  /** Absolute path of the folder with stored files and scratch. */
  readonly folder: string;
  /** Outputs of finished steps, by name. */
  readonly outputs: Map<DirectorStep, Json>;
  /** Steps whose work was called in this run. */
  readonly worked: DirectorStep[];
  readonly updates: Update[];
  readonly warnings: string[];
  /** Removes scratch, as the runner does at an attempt's end. */
  end(): Promise<void>;
}

export interface FilmRunOptions {
  readonly input: ScriptInput;
  /** An earlier attempt to go on from: its files and the outputs of these steps. */
  readonly after?: { readonly run: FilmRun; readonly steps: readonly DirectorStep[] };
  readonly signal?: AbortSignal;
  readonly onUpdate?: (update: Update) => void;
}

export async function createFilmRun({ input, after, signal, onUpdate }: FilmRunOptions): Promise<FilmRun> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-film-'));
  if (after) await cp(after.run.folder, folder, { recursive: true });
  await mkdir(join(folder, 'scratch'), { recursive: true });
  const outputs = new Map<DirectorStep, Json>();
  for (const step of after?.steps ?? []) outputs.set(step, after?.run.outputs.get(step) ?? null);
  const updates: Update[] = [];
  const worked: DirectorStep[] = [];
  const warnings: string[] = [];
  const runSignal = signal ?? new AbortController().signal;
  const stepRun = (step: DirectorStep): StepRun => ({
    signal: runSignal,
    update(progress, message, metadata) {
      const update = { step, progress, message, metadata };
      updates.push(update);
      onUpdate?.(update);
    },
  });
  return {
    ...{ projectId: 'film', jobId: 'job', attempt: after ? 2 : 1, input, signal: runSignal },
    ...{ folder, outputs, worked, updates, warnings, files: createFiles(folder) },
    async step<Output extends Json>(
      name: DirectorStep,
      _message: string,
      work: (step: StepRun) => Promise<Output>,
    ) {
      if (outputs.has(name)) return structuredClone(outputs.get(name)) as Output;
      worked.push(name);
      const output = await work(stepRun(name));
      outputs.set(name, JSON.parse(JSON.stringify(output)) as Json);
      return output;
    },
    warn: (message) => void warnings.push(message),
    end: () => rm(join(folder, 'scratch'), { recursive: true, force: true }),
  };
}

function createFiles(folder: string): JobFiles {
  return {
    scratch: join(folder, 'scratch'),
    async save(name, path) {
      const target = join(folder, name);
      await mkdir(dirname(target), { recursive: true });
      await rename(path, target);
      const contentType = 'application/octet-stream';
      return { name, path: `film/job/${name}`, contentType, sizeBytes: (await stat(target)).size };
    },
    open: async (name) => join(folder, name),
  };
}

/** The steps before this one, in the table's order. */
export function stepsBefore(step: DirectorStep): DirectorStep[] {
  const names = STEP_TABLES.DIRECTOR.steps.map(({ name }) => name);
  return names.slice(0, names.indexOf(step));
}

/** Command lines of running processes that name this folder. */
export async function processesIn(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args'], { maxBuffer: 10_000_000 });
  return stdout.split('\n').filter((line) => line.includes(folder) && !line.startsWith('ps '));
}
