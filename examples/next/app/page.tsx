import Link from 'next/link';
import { playhead } from '../playhead.ts';
import { writeScript } from './actions.ts';

/** The list of jobs is fetched at each visit. */
export const dynamic = 'force-dynamic';

export default async function Page() {
  const { jobs } = await playhead.jobs({ first: 10 });
  return (
    <>
      <h1>Scripts</h1>
      <form action={writeScript}>
        <label>
          What is the film about, in some sentences? <textarea name="brief" required />
        </label>
        <button type="submit">Write</button>
      </form>
      <ul>
        {jobs.map(({ id, status, title }) => (
          <li key={id}>
            <Link href={`/jobs/${id}`}>{title ?? id}</Link> {status}
          </li>
        ))}
      </ul>
    </>
  );
}
