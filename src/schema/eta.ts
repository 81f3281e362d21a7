/** The predicted remaining time. */
import type { Eta } from '../progress/events.ts';
import type { Builder } from './builder.ts';

export type EtaRef = ReturnType<typeof addEta>;

export function addEta(builder: Builder) {
  return builder.objectRef<Eta>('Eta').implement({
    description:
      'The remaining time of a job, predicted from the durations of earlier runs with the same providers, scaled by the work’s size, and from the run’s own speed. Before the first run has ended: from its own speed alone, with a wide interval. It counts from the moment of the query; in an event from `timestamp`, or from the start of the subscription when the event belongs to its snapshot.',
    fields: (t) => ({
      remainingSeconds: t.exposeFloat('remainingSeconds', {
        description:
          'The most likely remaining time in seconds, 0 or more, including any wait for a worker or a retry.',
      }),
      lowSeconds: t.exposeFloat('lowSeconds', {
        description:
          'Low end of the prediction in seconds, 0 or more, at most remainingSeconds. About nine in ten jobs end between low and high.',
      }),
      highSeconds: t.exposeFloat('highSeconds', {
        description: 'High end of the prediction in seconds, at least remainingSeconds.',
      }),
      waitSeconds: t.float({
        description:
          'The part of remainingSeconds until the job begins: in the queue when QUEUED, for the next attempt when RETRYING. 0 or more; 0 while it runs.',
        resolve: ({ waitSeconds }) => waitSeconds ?? 0,
      }),
      finishesAt: t.expose('finishesAt', {
        type: 'DateTime',
        description: 'When the job is likely to end: the moment of the prediction plus remainingSeconds.',
      }),
    }),
  });
}
