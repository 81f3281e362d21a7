/** A moment in everyday words; the whole date with seconds and time zone is shown on hover. */
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
