/** Gives the browser a token of its own, which reads one job for some minutes. Ask first who it is. */
import { createViewerToken } from '../../playhead.ts';

export async function POST(request: Request): Promise<Response> {
  const job = new URL(request.url).searchParams.get('job') ?? '';
  return Response.json({ token: await createViewerToken(job) }, { headers: { 'cache-control': 'no-store' } });
}
