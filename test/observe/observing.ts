/** Observation of the test's own process, as a root starts it. */
import { onTestFinished } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { startObservation } from '../../src/observe/observation.ts';
import { OtlpReceiver } from './otlp-receiver.ts';

interface Observing {
  readonly collector: OtlpReceiver;
  /** What the process would have said about the collector. */
  readonly problems: readonly string[];
  /** Sends what waits, and ends. */
  flush(): Promise<void>;
}

/** To be called before queues are made. @param ways of the collector */
export async function observe(ways: Parameters<typeof OtlpReceiver.start>[0] = {}): Promise<Observing> {
  const collector = await OtlpReceiver.start(ways);
  const telemetry = {
    endpoint: collector.url,
    headers: new Secret('x-one=1'),
    serviceName: 'test',
    metricsToken: undefined,
    workerMetricsPort: undefined,
  };
  const problems: string[] = [];
  const observation = await startObservation({ telemetry }, 'worker', (problem) => problems.push(problem));
  let open = true;
  const flush = async (): Promise<void> => {
    if (open) await observation.close();
    open = false;
  };
  onTestFinished(flush);
  return { collector, problems, flush };
}
