import type { AppSnapshot } from '../../shared/contract/views.ts';
import { go } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Doubtful } from './doubtful.tsx';
import { RecoveredSets, Searching } from './searching.tsx';
import './recovery.css';

/** After coming back: who is still looked for, and what was found and is not among the sets here yet. */
export function Recovered({ snapshot }: { readonly snapshot: AppSnapshot }) {
  const { recovery, sets } = snapshot;
  const known = new Set(sets.map(({ name }) => name));
  const restore = (set: string) => go({ page: 'restore', set });
  if (recovery.state === 'searching')
    return (
      <section className="section" aria-labelledby="recovered-title">
        <h2 id="recovered-title">{t('recovery.title')}</h2>
        <Searching recovery={recovery} snapshot={snapshot} onRestore={restore} />
      </section>
    );
  return (
    <>
      <Doubtful doubtful={recovery.doubtful} />
      <RecoveredSets
        own={sets}
        sets={recovery.sets.filter(({ name }) => !known.has(name))}
        onRestore={restore}
      />
    </>
  );
}
