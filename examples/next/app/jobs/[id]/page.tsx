import { notFound } from 'next/navigation';
import { browserUrl, playhead, projectId } from '../../../playhead.ts';
import { LiveJob } from './live-job.tsx';

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const job = await playhead.job((await params).id);
  if (job === null) notFound();
  return <LiveJob job={job} projectId={projectId} url={browserUrl} />;
}
