import { t } from '../state/words.ts';
import { FillBar } from '../ui/fill-bar.tsx';

/** The plan as a small bar: what is promised, what is set aside for requests under way, what is left. */
export function AccountBar({
  planBytes,
  chargedBytes,
  openBytes,
}: {
  readonly planBytes: string;
  readonly chargedBytes: string;
  readonly openBytes: string;
}) {
  const charged = BigInt(chargedBytes);
  return (
    <FillBar
      label={t('household.use', { planBytes, chargedBytes })}
      whole={BigInt(planBytes)}
      // Of a plan that was lowered, more is charged than it holds.
      promised={charged}
      written={charged - BigInt(openBytes)}
    />
  );
}

/** "85 GB of 200 GB in use, 115 GB left", or by how much it is over. */
export function PlanWords({
  planBytes,
  chargedBytes,
  untilMs,
  closed,
}: {
  readonly planBytes: string;
  readonly chargedBytes: string;
  readonly untilMs?: number;
  /** Nothing is left of one that grants nothing, and no room ever comes back. */
  readonly closed: boolean;
}) {
  const leftBytes = BigInt(planBytes) - BigInt(chargedBytes);
  return (
    <>
      <p className="numbers">
        {t('household.use', { planBytes, chargedBytes })}
        {closed || leftBytes < 0n
          ? null
          : ` · ${t('household.left', { leftBytes: `${leftBytes}` })}`}
      </p>
      {untilMs === undefined ? null : (
        <p className="small quiet">{t('household.ends', { lastMs: untilMs - 1 })}</p>
      )}
      {!closed && leftBytes < 0n ? (
        <p className="small warn">{t('household.over', { overBytes: `${-leftBytes}` })}</p>
      ) : null}
    </>
  );
}
