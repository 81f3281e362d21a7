/** The transport over Playhead's GraphQL API, using nothing but fetch. */
import type { HttpApi } from './http-api.ts';
import { HttpStops } from './http-stops.ts';
import {
  type AnsweredReport,
  type EndingReport,
  type Lease,
  type ProgressReport,
  type Receipt,
  type StopReason,
  type Tracked,
  type TrackerTransport,
  type TrackRequest,
  TransportError,
  toReceipt,
} from './transport.ts';

const RECEIPT = '{ accepted stop job { attempt status error { code } } }';
const TRACK = `mutation Track($input: TrackJobInput!) {
  trackJob(input: $input) { attempt lease stop job { id } }
}`;
const REPORT = `mutation Report($input: ReportProgressManyInput!) {
  reportProgressMany(input: $input) ${RECEIPT}
}`;
/** The fields of a mutation are executed in order. */
const BEFORE = 'reportProgressMany(input: { reports: $before }) @include(if: $hasBefore) { accepted }';
const END = {
  completion: `mutation Complete($input: ReportCompletionInput!, $before: [ReportProgressInput!]!, $hasBefore: Boolean!) {
  ${BEFORE}
  end: reportCompletion(input: $input) ${RECEIPT}
}`,
  error: `mutation Fail($input: ReportErrorInput!, $before: [ReportProgressInput!]!, $hasBefore: Boolean!) {
  ${BEFORE}
  end: reportError(input: $input) ${RECEIPT}
}`,
} as const;

export class HttpTransport implements TrackerTransport {
  readonly #api: HttpApi;
  readonly #stops: HttpStops;

  constructor(api: HttpApi) {
    this.#api = api;
    this.#stops = new HttpStops(api);
  }

  async track(request: TrackRequest, key: string): Promise<Tracked> {
    const input = { ...request, idempotencyKey: key };
    const { data } = await this.#api.send<{ trackJob: Omit<Tracked, 'jobId'> & { job: { id: string } } }>(
      TRACK,
      { input },
    );
    const { attempt, job, lease, stop } = data.trackJob;
    return { jobId: job.id, attempt, lease, stop };
  }

  async report(reports: readonly ProgressReport[]): Promise<readonly (Receipt | TransportError)[]> {
    const { data, errors } = await this.#api.send<{ reportProgressMany: readonly (AnsweredReport | null)[] }>(
      REPORT,
      { input: { reports } },
    );
    return data.reportProgressMany.map((receipt, index) => {
      if (receipt !== null) return toReceipt(receipt);
      const own = errors.find(({ path }) => path[1] === index);
      return own?.error ?? new TransportError('INTERNAL', 'there is no receipt', { isPassing: true });
    });
  }

  async end({ before, ending, ...place }: EndingReport): Promise<Receipt> {
    const { type, ...input } = ending;
    const { data } = await this.#api.send<{ end: AnsweredReport }>(END[type], {
      input: { ...place, ...input },
      before,
      hasBefore: before.length > 0,
    });
    return toReceipt(data.end);
  }

  listen(projectId: string, lease: Lease, onStop: (stop: StopReason) => void): () => void {
    return this.#stops.listen(projectId, lease, onStop);
  }

  async close(): Promise<void> {
    this.#stops.close();
    this.#api.close();
  }
}
