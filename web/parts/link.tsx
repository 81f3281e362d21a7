/** A link inside the dashboard: navigates without loading the page, and otherwise is a real link. */
import type { ComponentProps, MouseEvent } from 'react';
import { navigate } from '../state/route.ts';

export function Link({ href, ...rest }: ComponentProps<'a'> & { readonly href: string }) {
  const follow = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}
