/** Playhead as used by this server: with the API key, which browsers never get. */
import { createClient, type Job } from 'playhead/client';

export const projectId = process.env['PLAYHEAD_PROJECT'] ?? 'demo';

const url = process.env['PLAYHEAD_URL'] ?? 'http://127.0.0.1:4000';

/** The URL at which browsers reach it. */
export const browserUrl = process.env['PLAYHEAD_BROWSER_URL'] ?? url;

export const playhead = createClient({
  url,
  projectId,
  ...(process.env['PLAYHEAD_API_KEY'] && { token: process.env['PLAYHEAD_API_KEY'] }),
});

/** Starts a job that writes a script. */
export function startScript(brief: string): Promise<Job> {
  return playhead.start('WRITER', { brief });
}

/** Makes a token that can read this job and nothing else, for some minutes. */
export async function createViewerToken(jobId: string): Promise<string> {
  const mutation = `mutation ($projectId: ID!, $jobId: ID!) {
    createViewerToken(projectId: $projectId, jobId: $jobId) { token }
  }`;
  const { createViewerToken: made } = await playhead.request<{
    readonly createViewerToken: { readonly token: string };
  }>(mutation, { projectId, jobId });
  return made.token;
}
