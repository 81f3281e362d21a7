/** The enums. Their values are those of src/progress; the compiler refuses one more or one less. */
import type { JobStatus, StepStatus } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';
import { builder } from './builder.ts';

interface EnumValue {
  readonly description: string;
}

export const WorkflowEnum = builder.enumType('Workflow', {
  description: 'A kind of work. Query.workflows lists the steps of each.',
  values: {
    DIRECTOR: {
      description:
        'Script to video: task video_generation, started by generateVideo; batch_video_generation by generateVideoBatch.',
    },
    AUDIO: {
      description:
        'Verified speech: task verified_audio, started by generateAudio; batch_verified_audio by generateAudioBatch.',
    },
    WRITER: { description: 'Script writing: task script_writing, started by writeScript.' },
    LIPSYNC: { description: 'Lip sync of finished speech: task lipsync, started by syncLips.' },
  } satisfies Record<Workflow, EnumValue>,
});

export const JobStatusEnum = builder.enumType('JobStatus', {
  description:
    'Where a job stands. QUEUED → RUNNING → COMPLETED, FAILED or CANCELLED; a failed attempt that will be repeated is RETRYING in between; retryJob takes FAILED and CANCELLED back to QUEUED, and a COMPLETED batch whose items did not all succeed.',
  values: {
    QUEUED: { description: 'Waits for a worker; nothing has been done in this run.' },
    RUNNING: { description: 'A worker carries it out.' },
    RETRYING: { description: 'An attempt failed; the next one waits for its time or for a worker.' },
    COMPLETED: {
      description:
        'Ended with a result. It never runs again, unless it is a batch with failed or cancelled items.',
    },
    FAILED: { description: 'Ended with an error after its last attempt; retryJob takes it up again.' },
    CANCELLED: { description: 'Ended by cancelJob; retryJob takes it up again.' },
  } satisfies Record<JobStatus, EnumValue>,
});

export const StepStatusEnum = builder.enumType('StepStatus', {
  description: 'Where one step of a job stands.',
  values: {
    PENDING: { description: 'Has not begun.' },
    RUNNING: { description: 'Is being carried out.' },
    COMPLETED: { description: 'Is finished; a later attempt does not do it again.' },
    FAILED: { description: 'Failed, or was under way when the job ended.' },
  } satisfies Record<StepStatus, EnumValue>,
});
