/** A project that the token does not cover: lists those that it does, and offers to use another token. */
import { listPath } from '../state/route.ts';
import { type Grant, signOut } from '../state/session.ts';
import { useText } from '../text/use-text.ts';
import { Logo } from './icons.tsx';
import { Link } from './link.tsx';

export function ForeignProject({ grant, id }: { readonly grant: Grant; readonly id: string }) {
  const text = useText();
  const projects = grant.projects ?? [];
  return (
    <main className="nothing" id="main">
      <Logo />
      <h1>{text('foreign.title', { project: id })}</h1>
      {projects.length > 0 && (
        <>
          <p id="own-projects">{text('foreign.own')}</p>
          <ul aria-labelledby="own-projects" className="plain row wrap">
            {projects.map((own) => (
              <li key={own}>
                <Link className="button" href={listPath(own)}>
                  {own}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      <button className="button quiet" onClick={signOut} type="button">
        {text('session.another')}
      </button>
    </main>
  );
}
