/** A moment as people say it; the whole date with seconds and the zone shows on hover. */
import { useNow } from '../state/clock.ts';
import { formatMoment, formatWhole } from '../text/format.ts';
import { useText } from '../text/use-text.ts';

export function Moment({ iso }: { readonly iso: string }) {
  const text = useText();
  return (
    <time dateTime={iso} title={formatWhole(iso, text.language)}>
      {formatMoment(iso, text.language, useNow())}
    </time>
  );
}
