import { BYTES_MAX } from '../../shared/units.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { currentRegion, dateTime, size, t } from '../state/words.ts';

/** A size in the owner's units; the exact count is in the tooltip. `null`: there is no limit. */
export function Size({ bytes }: { readonly bytes: string | bigint | null }) {
  if (bytes === null) return <span>{t('ui.no-limit')}</span>;
  const exact = BigInt(bytes);
  const known = exact <= BYTES_MAX ? exact : BYTES_MAX;
  return (
    <span
      className="numbers nowrap"
      title={t('ui.exact-bytes', { count: Number(known), exact: grouped(known) })}
    >
      {size(known)}
    </span>
  );
}

function grouped(bytes: bigint): string {
  return bytes.toLocaleString(currentRegion());
}

/** A moment, by its date or in the words that stand in it; the whole of it is in the tooltip. */
export function When({
  ms,
  time = true,
  children,
}: {
  readonly ms: number;
  readonly time?: boolean;
  readonly children?: string;
}) {
  const date = new Date(ms);
  return (
    <time
      dateTime={Number.isNaN(date.getTime()) ? undefined : date.toISOString()}
      title={dateTime(ms, { dateStyle: 'full', timeStyle: 'medium' })}
    >
      {children ??
        dateTime(ms, time ? { dateStyle: 'medium', timeStyle: 'short' } : { dateStyle: 'medium' })}
    </time>
  );
}

/**
 * Somebody's name as it came from the network: shortened, without what would reorder or break the line,
 * and kept apart from the direction of the text around it.
 */
export function Person({
  name,
  label,
  max = 24,
}: {
  readonly name: string;
  /** What is shown instead where namesakes are told apart. */
  readonly label?: string;
  readonly max?: number;
}) {
  const shown = label ?? shortName(name, max);
  const whole = shortName(name, 120);
  return <bdi {...(whole === shown ? {} : { title: whole })}>{shown}</bdi>;
}
