import type { Sentence } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { t } from './words.ts';

/** Counts arrive as text, like every parameter; plurals want a number. */
export function sayCounted(sentence: Sentence): string {
  return say((key, params) => {
    const count = params?.['count'];
    return t(key, count === undefined ? params : { ...params, count: Number(count) });
  }, sentence);
}
