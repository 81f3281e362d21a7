'use server';
/** What the browser may have done here. Ask first who it is, as in every server action. */
import { redirect } from 'next/navigation';
import { startScript } from '../playhead.ts';

/** Starts a job, and goes to its page. */
export async function writeScript(form: FormData): Promise<void> {
  const { id } = await startScript(String(form.get('brief')));
  redirect(`/jobs/${id}`);
}
