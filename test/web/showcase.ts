/** One job of every kind and state, for the tests of looks and for the pictures in the README. */
import type { Workflow } from '../../src/progress/steps.ts';
import type { Wait } from '../../web/state/job-view.ts';
import { file, iso, makeJob, result, type StandInJob } from './stand-in.ts';

const ETA = { remainingSeconds: 82, lowSeconds: 65, highSeconds: 110 };

function ended(
  workflow: Workflow,
  status: 'COMPLETED' | 'FAILED' | 'CANCELLED',
  changes: Partial<StandInJob>,
): StandInJob {
  const progress = status === 'COMPLETED' ? 1 : 0.42;
  return makeJob(workflow, { status, progress, finishedAt: iso(74), ...changes });
}

export interface Showcase {
  readonly jobs: readonly StandInJob[];
  /** What is told of the job that waits. */
  readonly waits: readonly Wait[];
  readonly batch: StandInJob;
  readonly running: StandInJob;
  readonly retrying: StandInJob;
  readonly video: StandInJob;
  readonly speech: StandInJob;
  readonly script: StandInJob;
  readonly lips: StandInJob;
  readonly failed: StandInJob;
}

export function makeShowcase(): Showcase {
  const lips = ended('LIPSYNC', 'COMPLETED', {
    result: result('LipsyncResult', { totalDuration: 12.4, totalCostUsd: 0 }, [
      file('video.mp4', 'video/mp4'),
      file('cues.json', 'application/json', 4_200),
    ]),
  });
  const cancelled = ended('WRITER', 'CANCELLED', {
    message: 'Cancelled',
    error: { message: 'Cancelled', code: 'CANCELLED', details: null, retryAfterSeconds: null, artifacts: [] },
  });
  const script = ended('WRITER', 'COMPLETED', {
    result: result(
      'ScriptResult',
      {
        ...{ title: 'Tomorrow, by Radio', scenes: 2, estimatedDuration: 74, totalCostUsd: 0.012 },
        text: '## The lamp room\nADA: It said rain. It is not raining.\nBEN: Look at the date it said.\n\n## Next evening\nADA: (soaked) I owe you an apology.\nBEN: You owe me an umbrella.',
      },
      [file('script.txt', 'text/plain', 420)],
    ),
  });
  const failed = ended('AUDIO', 'FAILED', {
    message: 'TTS API rate limit exceeded',
    attempt: 3,
    error: {
      ...{
        message: 'TTS API rate limit exceeded',
        code: 'PROVIDER_FAILED',
        retryAfterSeconds: 60,
        artifacts: [],
      },
      details: { retry_after: 60, error_code: '429' },
    },
  });
  const speech = ended('AUDIO', 'COMPLETED', {
    result: result(
      'AudioResult',
      {
        transcript:
          'The quick brown fox jumps over the lazy dog. It takes three seconds, and nobody is hurt.',
        ...{ similarity: 0.967, tries: 2, totalDuration: 6.2, totalCostUsd: 0.002 },
      },
      [file('speech.wav', 'audio/wav', 198_000)],
    ),
  });
  const video = ended('DIRECTOR', 'COMPLETED', {
    result: result('VideoResult', { totalDuration: 60.5, totalCostUsd: 0.45, clips: 10 }, [
      file('video.mp4', 'video/mp4', 9_800_000),
      file('subtitles.vtt', 'text/vtt', 900),
      file('thumbnail.jpg', 'image/jpeg', 40_000),
    ]),
  });
  const retrying = makeJob('LIPSYNC', {
    ...{ status: 'RETRYING', progress: 0.61, attempt: 2, message: 'A worker was lost' },
    error: {
      message: 'ffmpeg ended with code 137',
      code: 'PROVIDER_FAILED',
      details: null,
      retryAfterSeconds: 20,
      artifacts: [],
    },
    ...makeStory(),
  });
  const batch = makeBatch();
  const writing = makeJob('WRITER', {
    progress: 0.52,
    message: 'Drafting scenes (2/3)',
    eta: { ...ETA, remainingSeconds: 14, lowSeconds: 12, highSeconds: 19 },
  });
  const speaking = makeJob('AUDIO', {
    progress: 0.37,
    attempt: 2,
    message: 'Listening to what was spoken',
    eta: { remainingSeconds: 9, lowSeconds: 8, highSeconds: 12 },
  });
  const running = makeJob('DIRECTOR', {
    title: 'Tomorrow, by Radio',
    inputExcerpt: '## The lamp room ADA: It said rain. It is not raining. BEN: Look at the date it said.',
    ...{ progress: 0.35, message: 'Generating clips (5/10)', metadata: { current_clip: 5, total_clips: 10 } },
    eta: ETA,
  });
  const queued = makeJob('DIRECTOR', { status: 'QUEUED', startedAt: null, message: 'Waiting for a worker' });
  const eta = { remainingSeconds: 214, lowSeconds: 160, highSeconds: 330, waitSeconds: 95 };
  const waits: Wait[] = [{ id: queued.id, attempt: 1, status: 'QUEUED', queuePosition: 3, eta }];
  const jobs = [
    lips,
    cancelled,
    script,
    failed,
    speech,
    video,
    retrying,
    batch,
    writing,
    speaking,
    running,
    queued,
  ];
  return { jobs, waits, batch, running, retrying, video, speech, script, lips, failed };
}

/** A first attempt whose tool was killed, and a second that waits for its turn again. */
function makeStory(): Pick<StandInJob, 'events' | 'lines'> {
  let count = 0;
  let version = 0;
  const told = (seconds: number, attempt = 1) => {
    count += 1;
    version += 1;
    return { id: `story-${count}`, attempt, timestamp: iso(seconds), job: { version } };
  };
  const progress = (seconds: number, step: string | null, message: string, share: number, attempt = 1) => ({
    ...{ __typename: 'ProgressEvent' as const, ...told(seconds, attempt) },
    ...{ step, message, progress: share, status: 'processing', worker: null },
  });
  const line = (seconds: number, level: string, source: string | null, text: string, attempt = 1) => {
    count += 1;
    const durationMs = source === null ? null : 900;
    return {
      ...{ id: `${count}-0`, timestamp: iso(seconds), attempt, step: 'apply_lipsync', durationMs },
      ...{ level, source, text },
    };
  };
  const killed = 'PROVIDER_FAILED: ffmpeg: killed (SIGKILL), perhaps out of memory';
  const failure = (seconds: number, attempt: number) => ({
    ...{ __typename: 'ErrorEvent' as const, ...told(seconds, attempt), willRetry: true },
    ...{ code: 'PROVIDER_FAILED', error: 'ffmpeg ended with code 137' },
  });
  return {
    events: [
      { ...progress(-5, null, 'Waiting for a worker', 0), status: 'queued' },
      { ...progress(0, null, 'Starting', 0), worker: 'studio-1/4711' },
      progress(0.4, 'load_media', 'Loading the media', 0.05),
      progress(1.2, 'analyze_audio', 'Listening', 0.15),
      ...[0.2, 0.3, 0.4].map((share) => progress(2 + share, 'analyze_audio', 'Listening', share)),
      progress(6, 'apply_lipsync', 'Drawing mouths (12/90)', 0.5),
      failure(31, 1),
      { ...progress(51, null, 'Attempt 2', 0, 2), status: 'retrying', worker: 'studio-2/812' },
      progress(51.1, 'load_media', 'Loading the media (done earlier)', 0.05, 2),
      progress(51.2, 'apply_lipsync', 'Drawing mouths (80/90)', 0.61, 2),
      failure(80, 2),
    ],
    lines: [
      line(9, 'info', null, '90 mouth shapes from 12.4 s of speech'),
      line(22, 'info', 'ffmpeg', ''),
      line(31, 'error', 'ffmpeg', `${killed}\nframe=  412 fps= 31 q=23.0 size=    1024kB time=00:00:16.48`),
      line(70, 'warn', null, 'The mouth is hidden in 3 frames', 2),
      line(80, 'error', 'ffmpeg', killed, 2),
    ],
  };
}

function makeBatch(): StandInJob {
  const parent = { id: 'batch' };
  const items = Array.from({ length: 24 }, (_, index) => {
    if (index === 5) {
      return ended('DIRECTOR', 'FAILED', {
        parent,
        error: {
          message: 'The disk is full',
          code: 'STORAGE_FAILED',
          details: null,
          retryAfterSeconds: null,
          artifacts: [],
        },
      });
    }
    if (index < 9) return ended('DIRECTOR', 'COMPLETED', { parent, message: 'Done' });
    if (index < 13) {
      return makeJob('DIRECTOR', {
        parent,
        progress: 0.9 - (index - 9) * 0.22,
        message: 'Generating clips (2/6)',
      });
    }
    return makeJob('DIRECTOR', {
      parent,
      status: 'QUEUED',
      startedAt: null,
      message: 'Waiting for a worker',
    });
  });
  const progress = items.reduce((sum, item) => sum + item.progress, 0) / items.length;
  const batch = makeJob('DIRECTOR', {
    ...{
      taskName: 'batch_video_generation',
      progress,
      message: '9 of 24 videos',
      items,
      eta: { remainingSeconds: 640, lowSeconds: 560, highSeconds: 800 },
    },
  });
  return { ...batch, items: items.map((item) => ({ ...item, parent: { id: batch.id } })) };
}

/** Typical seconds of each step that takes a time worth showing, of each workflow. */
const STEP_SECONDS: Readonly<Record<Workflow, Readonly<Record<string, number>>>> = {
  DIRECTOR: { load_character: 0.2, generate_videos: 24, lipsync: 6.5, subtitles: 0.4, render: 8 },
  AUDIO: { tts_generation: 3.1, stt_verification: 4.6, similarity_check: 0.1, retry_loop: 2.2 },
  WRITER: { analyze_brief: 0.3, draft_scenes: 6.2, write_dialogue: 9.5, review: 1.8 },
  LIPSYNC: { load_media: 0.2, analyze_audio: 2.4, apply_lipsync: 7.7 },
};

/** Ended runs of every workflow, of varied length, for the page of statistics. */
export function makeRuns(): readonly StandInJob[] {
  return Object.keys(STEP_SECONDS).flatMap((workflow) =>
    Array.from({ length: 31 }, (_, index) => {
      const pace = 0.6 + ((index * 7) % 31) / 24;
      let at = -index * 1_100;
      const startedAt = iso(at);
      const job = ended(workflow, 'COMPLETED', {});
      const steps = job.steps.map((step) => {
        const began = at;
        at += (STEP_SECONDS[workflow]?.[step.name] ?? 0.04) * pace;
        return { ...step, startedAt: iso(began), finishedAt: iso(at) };
      });
      return { ...job, steps, createdAt: iso(-index * 1_100 - 2 * pace), startedAt, finishedAt: iso(at) };
    }),
  );
}
