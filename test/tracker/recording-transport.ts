/** A transport that keeps what it is given, and answers as it is told. */
import {
  type EndingReport,
  type Lease,
  type ProgressReport,
  type Receipt,
  type StopReason,
  type Tracked,
  type TrackerTransport,
  type TrackRequest,
  TransportError,
} from '../../src/tracker/transport.ts';

export class RecordingTransport implements TrackerTransport {
  readonly tracked: TrackRequest[] = [];
  readonly reports: ProgressReport[] = [];
  readonly endings: EndingReport[] = [];
  readonly listeners = new Map<string, (stop: StopReason) => void>();
  isAway = false;
  isClosed = false;
  /** What trackJob says of a job that was cancelled before. */
  stopAtStart: StopReason | null = null;
  /** What receipts say from now on. */
  stop: StopReason | null = null;
  /** Rejects what is sent with it. */
  refusal: TransportError | null = null;

  async track(request: TrackRequest): Promise<Tracked> {
    this.#check();
    this.tracked.push(request);
    const number = this.tracked.length;
    return { jobId: `job ${number}`, attempt: 1, lease: `lease ${number}`, stop: this.stopAtStart };
  }

  async report(reports: readonly ProgressReport[]): Promise<readonly Receipt[]> {
    this.#check();
    this.reports.push(...reports);
    return reports.map(() => this.#receipt());
  }

  async end(report: EndingReport): Promise<Receipt> {
    this.#check();
    this.endings.push(report);
    return this.#receipt();
  }

  listen(_projectId: string, { jobId }: Lease, onStop: (stop: StopReason) => void): () => void {
    this.listeners.set(jobId, onStop);
    return () => this.listeners.delete(jobId);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #check(): void {
    if (this.isAway) throw new TransportError('ECONNREFUSED', 'nobody is there', { isPassing: true });
    if (this.refusal !== null) throw this.refusal;
  }

  #receipt(): Receipt {
    const { stop } = this;
    return { accepted: stop === null, stop, job: { attempt: 2, status: 'RUNNING', errorCode: null } };
  }
}
