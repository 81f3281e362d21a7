/** Gives the browser its own token, which can read one job for some minutes. Authenticate the user first. */
import { createViewerToken } from '../../playhead.ts';

export async function POST(request: Request): Promise<Response> {
  const job = new URL(request.url).searchParams.get('job') ?? '';
  return Response.json({ token: await createViewerToken(job) }, { headers: { 'cache-control': 'no-store' } });
}
