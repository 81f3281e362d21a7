/** A page of a project other than its list: the link back, and a title that is also the tab's. */
import { type ReactNode, useEffect } from 'react';
import { useProject } from '../state/project-context.ts';
import { listPath } from '../state/route.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { Link } from './link.tsx';

interface SubPageProps {
  readonly className: string;
  readonly title: string;
  readonly children: ReactNode;
}

export function SubPage({ className, title, children }: SubPageProps) {
  const text = useText();
  const { id } = useProject();
  useEffect(() => {
    document.title = `${title} · ${id} · Playhead`;
  }, [title, id]);
  return (
    <div className={className}>
      <nav>
        <Link className="back" href={listPath(id)}>
          <Glyph name="back" />
          {text('job.back')}
        </Link>
      </nav>
      <h1>{title}</h1>
      {children}
    </div>
  );
}
