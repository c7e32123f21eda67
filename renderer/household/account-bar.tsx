import { t } from '../state/words.ts';

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
  // Of a plan that was lowered, more is charged than it holds.
  const whole = Math.max(1, Number(planBytes), Number(chargedBytes));
  const percent = (bytes: number) => `${Math.min(100, Math.max(0, (bytes / whole) * 100))}%`;
  return (
    <div className="fill" role="img" aria-label={t('household.use', { planBytes, chargedBytes })}>
      <span className="fill-promised" style={{ width: percent(Number(chargedBytes)) }} />
      <span
        className="fill-written"
        style={{ width: percent(Number(chargedBytes) - Number(openBytes)) }}
      />
    </div>
  );
}

/** "85 GB of 200 GB in use, 115 GB left", or by how much it is over. */
export function PlanWords({
  planBytes,
  chargedBytes,
}: {
  readonly planBytes: string;
  readonly chargedBytes: string;
}) {
  const leftBytes = BigInt(planBytes) - BigInt(chargedBytes);
  return (
    <>
      <p className="numbers">
        {t('household.use', { planBytes, chargedBytes })}
        {leftBytes < 0n ? null : ` · ${t('household.left', { leftBytes: `${leftBytes}` })}`}
      </p>
      {leftBytes < 0n ? (
        <p className="small warn">{t('household.over', { overBytes: `${-leftBytes}` })}</p>
      ) : null}
    </>
  );
}
