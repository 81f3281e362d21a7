/** The page of an address with an invalid project name. */
import { listPath } from '../state/route.ts';
import { useText } from '../text/use-text.ts';
import { Logo } from './icons.tsx';
import { Link } from './link.tsx';

/** @param instead the project to go to */
export function WrongProject({ name, instead }: { readonly name: string; readonly instead: string }) {
  const text = useText();
  return (
    <main className="nothing" id="main">
      <Logo />
      <h1>{text('project.wrong', { name })}</h1>
      <p>{text('project.invalid')}</p>
      <Link className="button" href={listPath(instead)}>
        {text('project.instead', { project: instead })}
      </Link>
    </main>
  );
}
