/** The messages of the control channel. Any of them may be lost: a message only saves time. */
import { z } from 'zod';

const cancelSchema = z.object({ projectId: z.string(), jobId: z.string(), attempt: z.number() });
const controlSchema = z.union([
  /** A job was cancelled: its attempt and earlier ones stop. */
  z.object({ cancel: cancelSchema }),
  /** A provider reports that something happened to the work it knows by these ids. */
  z.object({ notices: z.array(z.string()) }),
]);
type ControlMessage = z.infer<typeof controlSchema>;
export type Cancelled = z.infer<typeof cancelSchema>;

/** Writes a message for `publish`. */
export function writeControl(message: ControlMessage): string {
  return JSON.stringify(message);
}

/** Null for text that no process of ours has sent. */
export function readControl(text: string): ControlMessage | null {
  try {
    return controlSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
