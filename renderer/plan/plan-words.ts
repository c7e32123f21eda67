import { RETENTION_RULES } from '../../shared/backup/retention.ts';
import { DAY_MS } from '../../shared/units.ts';
import type { BackupPlanText, Retention, Schedule } from '../../shared/model/backup-plan.ts';
import { dateTime, listed, size, t } from '../state/words.ts';
import { asTypedTimeOfDay } from '../ui/typed-time.ts';

/** What a plan means, in sentences: on the card, and above each part of the form while it is folded. */

/** A Sunday; the days after it have the names that are wanted. */
const SUNDAY_MS = Date.UTC(2026, 10, 22, 12);

export function weekdayName(weekday: number): string {
  return dateTime(SUNDAY_MS + weekday * DAY_MS, { weekday: 'long', timeZone: 'UTC' });
}

export function scheduleWords(schedule: Schedule): string {
  const { every, atMin, weekday, whenIdle, onBattery, quietHours } = schedule;
  const when = t(`plan.when-${every}`, {
    at: asTypedTimeOfDay(atMin),
    day: weekdayName(weekday),
  });
  if (every === 'hand') return when;
  return [
    when,
    ...(whenIdle ? [t('plan.when-idle')] : []),
    t(onBattery ? 'plan.on-battery' : 'plan.on-mains'),
    ...(quietHours === null
      ? []
      : [
          t('plan.never-between', {
            from: asTypedTimeOfDay(quietHours.fromMin),
            until: asTypedTimeOfDay(quietHours.untilMin),
          }),
        ]),
  ].join(', ');
}

export function retentionWords(retention: Retention): string {
  const parts = RETENTION_RULES.filter((rule) => retention[rule] > 0).map((rule) =>
    t(`plan.keep-${rule}`, { count: retention[rule] }),
  );
  return parts.length === 0
    ? t('plan.keep-all-means')
    : t('plan.keep-means', { parts: listed(parts) });
}

export function rulesWords({ exclude, caches, maxFileBytes }: BackupPlanText['rules']): string {
  const parts = [
    ...(exclude.length === 0 ? [] : [t('plan.left-patterns', { count: exclude.length })]),
    ...(caches ? [t('plan.left-caches')] : []),
    ...(maxFileBytes === null ? [] : [t('plan.left-large', { size: size(maxFileBytes) })]),
  ];
  return parts.length === 0
    ? t('plan.left-nothing')
    : t('plan.left-means', { parts: listed(parts) });
}

export function guardWords({ protectDays, verifyDays }: BackupPlanText): string {
  const verified = t('plan.verify-means', { count: verifyDays });
  return protectDays === 0
    ? `${t('plan.protect-none')} ${verified}`
    : `${t('plan.protect-means', { count: protectDays })} ${verified}`;
}
