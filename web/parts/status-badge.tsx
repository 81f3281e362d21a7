import type { JobStatus } from '../generated/graphql.ts';
import { useText } from '../text/use-text.ts';

export function StatusBadge({ status }: { readonly status: JobStatus }) {
  const text = useText();
  return (
    <span className="badge" data-status={status}>
      <span aria-hidden="true" className="dot" />
      {text(`status.${status}`)}
    </span>
  );
}
