import type { BackupSetView, CopyView, EstimateView } from '../../shared/contract/backup-views.ts';
import { isUntilTold } from '../../shared/model/until-told.ts';
import { say, type Translate } from '../../shared/words/say.ts';
import { counted, dateTime, plainText, size, table } from './output.ts';
import { WEEKDAYS } from './plan-options.ts';
import { sayTimeOfDay } from './time-of-day.ts';

/** Backup sets in words: how one stands, when it runs, where its copies lie, how large it would be. */
export const WAITS = 'waits until you say so: backup resume';

export function safetyOf(
  { safety, pausedUntilMs }: Pick<BackupSetView, 'safety' | 'pausedUntilMs'>,
  t: Translate,
): string {
  // Another computer has backed it up; this one has only taken it over.
  if (safety === 'never' && isUntilTold(pausedUntilMs)) return 'taken over';
  return t(`set-safety.${safety}`);
}

export function nextOf({ nextMs, waitsFor, pausedUntilMs }: BackupSetView, t: Translate): string {
  if (isUntilTold(pausedUntilMs)) return WAITS;
  if (pausedUntilMs !== null) return `paused until ${dateTime(pausedUntilMs)}`;
  if (waitsFor !== null) return t(`set-waits.${waitsFor}`);
  return nextMs === null ? 'by hand' : dateTime(nextMs);
}

export function setText(set: BackupSetView, t: Translate): string {
  const { plan } = set;
  const keeps = Object.entries(plan.retention)
    .filter(([, count]) => count > 0)
    .map(([rule, count]) => `${rule}=${count}`);
  const lines = [
    `${plainText(set.name)}: ${safetyOf(set, t)}`,
    `folders: ${set.folders.map(plainText).join(', ')}`,
    `runs: ${timesOf(plan.schedule)}, next ${nextOf(set, t)}`,
    `keeps: ${keeps.length === 0 ? 'everything' : keeps.join(', ')}`,
    `leaves out: ${leftOut(plan.rules).join(', ') || 'nothing'}`,
    `${copiesOf(set)}; ${protectionOf(set)}; read back within ${plan.verifyDays} days`,
  ];
  const head = ['copy at', 'state', 'newest', 'verified', 'this pass', 'size', 'trash', ''];
  return `${lines.join('\n')}\n\n${table(
    head,
    set.copies.map((copy) => copyRow(copy, t)),
  )}`;
}

const OFTEN: Readonly<Record<BackupSetView['plan']['schedule']['every'], string>> = {
  hand: 'by hand',
  hour: 'every hour',
  '6-hours': 'every 6 hours',
  '12-hours': 'every 12 hours',
  day: 'every day',
  week: 'every week',
};

/** What the schedule was set to. */
function timesOf({
  every,
  atMin,
  weekday,
  whenIdle,
  onBattery,
  quietHours,
}: BackupSetView['plan']['schedule']): string {
  const at = every === 'day' || every === 'week' ? ` at ${sayTimeOfDay(atMin)}` : '';
  const on = every === 'week' ? ` on ${WEEKDAYS[weekday] ?? ''}` : '';
  const quiet =
    quietHours === null
      ? ''
      : `, quiet ${sayTimeOfDay(quietHours.fromMin)}-${sayTimeOfDay(quietHours.untilMin)}`;
  return `${OFTEN[every]}${on}${at}${whenIdle ? ', when idle' : ''}${onBattery ? ', also on battery' : ''}${quiet}`;
}

function leftOut({
  exclude,
  caches,
  maxFileBytes,
}: BackupSetView['plan']['rules']): readonly string[] {
  return [
    ...exclude.map(plainText),
    ...(caches ? ['caches'] : []),
    ...(maxFileBytes === null ? [] : [`files larger than ${size(maxFileBytes)}`]),
  ];
}

/** Where there are fewer friends than copies, no run mends that. */
function copiesOf({ plan: { copies }, to }: BackupSetView): string {
  const isShort = to.length < copies;
  return `copies wanted: ${copies}${isShort ? `, friends who keep one: ${to.length} (backup edit --to … or --copies …)` : ''}`;
}

function protectionOf({ plan, protectionFalls }: BackupSetView): string {
  return protectionFalls === null
    ? `protected for ${plan.protectDays} days`
    : `protected for ${protectionFalls.days} days from ${dateTime(protectionFalls.atMs)} on, until then as before`;
}

function copyRow(copy: CopyView, t: Translate): readonly string[] {
  return [
    copy.friend,
    t(`copy-state.${copy.state}`),
    dateTime(copy.completeMs),
    dateTime(copy.verifiedMs),
    `${Math.floor(copy.verifiedShare * 100)} %`,
    size(copy.writtenBytes),
    size(copy.trashBytes),
    copy.fault === null ? '' : say(t, copy.fault),
  ];
}

export function estimateText({ files, bytes, largest, skipped }: EstimateView): string {
  const left = (
    [
      [
        skipped.excludedFiles,
        `${counted(skipped.excludedFiles, 'file')} (${size(skipped.excludedBytes)}) by pattern`,
      ],
      [skipped.cacheFolders, counted(skipped.cacheFolders, 'cache folder')],
      [
        skipped.tooLargeFiles,
        counted(skipped.tooLargeFiles, 'file that is', 'files that are') + ' too large',
      ],
      [
        skipped.cloudFiles,
        counted(skipped.cloudFiles, 'file that lies', 'files that lie') + ' in a cloud only',
      ],
      [skipped.unreadable, `${skipped.unreadable} that can’t be read`],
    ] as const
  ).flatMap(([count, text]) => (count === 0 ? [] : [text]));
  const rest = left.length === 0 ? 'Nothing is left out.' : `Left out: ${left.join(', ')}.`;
  const rows = largest.map((each) => [each.path, size(each.bytes)]);
  return `${counted(files, 'file')}, ${size(bytes)}. ${rest}\n\n${table(['largest', 'size'], rows)}`;
}
