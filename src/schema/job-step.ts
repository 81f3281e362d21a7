/** A step of one job, with its state. */
import type { StepView } from '../progress/state.ts';
import type { Builder } from './builder.ts';
import type { Enums } from './enums.ts';

export type JobStepRef = ReturnType<typeof addJobStep>;

export function addJobStep(builder: Builder, { stepStatus }: Enums) {
  return builder.objectRef<StepView>('JobStep').implement({
    description: 'One step of a job: its share of the job’s progress and how far it is.',
    fields: (t) => ({
      name: t.exposeString('name', {
        description: 'Name of the step, for example `generate_videos`; unique within the job.',
      }),
      from: t.exposeFloat('from', { description: 'Progress of the whole job when the step begins, 0..1.' }),
      to: t.exposeFloat('to', {
        description:
          'Progress of the whole job when the step is finished, 0..1; equal to `from` for a step without weight.',
      }),
      status: t.expose('status', { type: stepStatus, description: 'How far the step is.' }),
      startedAt: t.expose('startedAt', {
        type: 'DateTime',
        nullable: true,
        description:
          'When the step began; null while PENDING. A step finished by an earlier attempt keeps the times of that attempt.',
      }),
      finishedAt: t.expose('finishedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When the step was finished or failed; null while PENDING or RUNNING.',
      }),
    }),
  });
}
