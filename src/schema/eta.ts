/** The predicted remaining time. Nothing predicts it yet, so every `eta` field is null. */
import { builder } from './builder.ts';

interface Eta {
  readonly remainingSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
  /** Milliseconds since the epoch. */
  readonly finishesAt: number;
}

export const EtaRef = builder.objectRef<Eta>('Eta').implement({
  description: 'The remaining time of a job, predicted from earlier runs.',
  fields: (t) => ({
    remainingSeconds: t.exposeFloat('remainingSeconds', {
      description: 'The likeliest remaining time in seconds, 0 or more.',
    }),
    lowSeconds: t.exposeFloat('lowSeconds', {
      description: 'Low end of the prediction in seconds, 0 or more, at most remainingSeconds.',
    }),
    highSeconds: t.exposeFloat('highSeconds', {
      description: 'High end of the prediction in seconds, at least remainingSeconds.',
    }),
    finishesAt: t.expose('finishesAt', {
      type: 'DateTime',
      description: 'When the job is likely to end: the moment of the prediction plus remainingSeconds.',
    }),
  }),
});
