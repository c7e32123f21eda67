import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { MyPlotView } from '../../shared/contract/views.ts';
import { isUntilTold } from '../../shared/model/until-told.ts';
import { copiesOf } from '../../shared/words/set-state.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { firstEndMs } from '../friends/lending.ts';
import { t } from '../state/words.ts';
import { namesWords } from '../state/names-words.ts';

/** What a set's card says of when it runs and of who keeps it. */

/** When it runs next by itself, or what it waits for. */
export function nextWords(set: BackupSetView): string {
  const { nextMs, waitsFor, pausedUntilMs, plan } = set;
  if (isUntilTold(pausedUntilMs)) return t('backups.until-told');
  if (pausedUntilMs !== null) return t('backups.paused-until', { untilMs: pausedUntilMs });
  if (waitsFor !== null) return t(`backups.waits-for-${waitsFor}`);
  if (nextMs !== null) return t('backups.next-run', { nextMs });
  return t(plan.schedule.every === 'hand' ? 'backups.by-hand' : 'backups.no-next');
}

/** Something can be brought back: it ran here, or came from another computer that backed it up. */
export function isBackedUp({ lastRunMs, pausedUntilMs, copies }: BackupSetView): boolean {
  if (lastRunMs !== null || isUntilTold(pausedUntilMs)) return true;
  return copies.some(({ completeMs }) => completeMs !== null);
}

/** An extra copy may be lent, and has to go when somebody waits for the room. */
export function lentWords(plot: MyPlotView, nowMs: number): string {
  const untilMs = firstEndMs([plot], nowMs);
  const name = nameInSentence(plot.friend);
  return untilMs === undefined
    ? t('backups.lent-copy-over', { name })
    : t('backups.lent-copy', { name, untilMs });
}

/** Who keeps it now; before the first run, and when nobody does any more, who will. */
export function keptWords(set: BackupSetView, mine: readonly MyPlotView[]): string {
  const keepers = copiesOf(set, mine).map(({ friend }) => friend);
  if (keepers.length > 0) return t('backups.kept', { friends: namesWords([...new Set(keepers)]) });
  if (set.to.length === 0) return t('backups.goes-to-nobody');
  const friends = namesWords(set.to);
  return set.lastRunMs === null
    ? t('backups.will-keep', { friends })
    : t('backups.kept-by-nobody', { friends });
}
