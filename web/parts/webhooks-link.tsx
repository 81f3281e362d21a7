/** The link to the project's webhooks, for those who may see them. */
import { useProject } from '../state/project-context.ts';
import { webhooksPath } from '../state/route.ts';
import { mayAdminister, useGrant } from '../state/session.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { Link } from './link.tsx';

export function WebhooksLink() {
  const text = useText();
  const { id } = useProject();
  if (!mayAdminister(useGrant())) return null;
  const title = text('webhooks.title');
  return (
    <Link aria-label={title} className="button quiet" href={webhooksPath(id)} title={title}>
      <Glyph name="webhook" />
    </Link>
  );
}
