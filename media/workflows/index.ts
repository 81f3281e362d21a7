/** The workflows that a worker runs. Adding one: its file here, its entry below, its input in inputs.ts. */

import { LOCAL_SETUP } from '../../src/eta/foresight.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import type { JobResult, WorkflowDefinition, WorkflowRun } from '../../src/jobs/contract.ts';
import type { Workflow } from '../../src/progress/steps.ts';
import type { Media } from '../media.ts';
import { createVoiceStudio, type VoiceStudio } from '../narration/voice-studio.ts';
import type { Providers } from '../providers/providers.ts';
import { createAudio } from './audio.ts';
import { createDirector } from './director.ts';
import { createLipsync } from './lipsync.ts';
import { createWriter } from './writer.ts';

/**
 * Makes every workflow, on one set of tools and worker threads.
 * @param providers remote providers that the settings name; what is missing is done locally
 * @param studio who speaks and who listens in audio jobs; default: the providers, else local ones
 */
export function createWorkflows(
  media: Media,
  providers: Partial<Providers> = {},
  studio: VoiceStudio = createVoiceStudio(media, {
    speech: providers.audioSpeech,
    recognition: providers.recognition,
  }),
): Readonly<Partial<Record<Workflow, RunnableWorkflow>>> {
  return {
    DIRECTOR: runnable(createDirector(media, { clips: providers.clips }), {
      clips: providers.clips,
      speech: providers.filmSpeech,
    }),
    AUDIO: runnable(createAudio(media, studio), {
      recognition: providers.recognition,
      speech: providers.audioSpeech,
    }),
    WRITER: runnable(createWriter({ chat: providers.chat }), { chat: providers.chat }),
    LIPSYNC: runnable(createLipsync(media)),
  };
}

/** The name of a combination of providers: what is done remotely, or `local`. */
function setupOf(remote: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(remote).filter((name) => remote[name] !== undefined);
  return names.length === 0 ? LOCAL_SETUP : names.sort().join('+');
}

/**
 * Erases a definition's types. What `run` gets is what the definition's own schema parsed.
 * @param remote the providers that may do parts of it, undefined where it is done here
 */
function runnable<W extends Workflow, Input, Result extends JobResult>(
  definition: WorkflowDefinition<W, Input, Result>,
  remote: Readonly<Record<string, unknown>> = {},
): RunnableWorkflow {
  return {
    workflow: definition.workflow,
    setup: setupOf(remote),
    parse: (input) => definition.input.parse(input),
    run: (run: WorkflowRun<unknown, string>) => definition.run(run as Parameters<typeof definition.run>[0]),
  };
}
