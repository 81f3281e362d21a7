'use server';
/** What the browser may have done here. Authenticate the user first, as in every server action. */
import { redirect } from 'next/navigation';
import { startScript } from '../playhead.ts';

/** Starts a job and redirects to its page. */
export async function writeScript(form: FormData): Promise<void> {
  const { id } = await startScript(String(form.get('brief')));
  redirect(`/jobs/${id}`);
}
