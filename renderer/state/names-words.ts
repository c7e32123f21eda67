import { nameInSentence } from '../../shared/words/short-name.ts';
import { listed, t } from './words.ts';

const NAMES_MAX = 3;

/** "Ana, Ben and Cleo", "Ana, Ben, Cleo and 3 more": several people in one sentence. */
export function namesWords(names: readonly string[]): string {
  const more = names.length - NAMES_MAX;
  const few = names.slice(0, NAMES_MAX).map((name) => nameInSentence(name));
  const all = more > 0 ? [...few, t('backups.more-names', { count: more })] : few;
  return listed(all);
}
