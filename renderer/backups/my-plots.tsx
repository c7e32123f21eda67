import type { AppSnapshot } from '../../shared/contract/views.ts';
import { MyPlots } from '../friends/plots.tsx';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Person } from '../ui/figures.tsx';

/** The plots in which my backups lie, friend by friend. */
export function MyPlotsByFriend({
  mine,
  friends,
  nowMs,
}: Pick<AppSnapshot, 'mine' | 'friends'> & { readonly nowMs: number }) {
  // Where I am somebody's guest, there is no page of his.
  const hasPage = (owner: string) =>
    friends.some((friend) => friend.owner === owner && !friend.departed);
  return (
    <section className="section" aria-labelledby="plots-title">
      <h2 id="plots-title">{t('backups.plots')}</h2>
      {mine.length === 0 ? <p className="quiet">{t('backups.plots-empty')}</p> : null}
      {[...Map.groupBy(mine, ({ owner }) => owner)].map(([owner, plots]) => (
        <div className="stack tight" key={owner}>
          <h3>
            {hasPage(owner) ? (
              <a className="plain" href={href({ page: 'friend', owner })}>
                <Person name={plots[0]?.friend ?? ''} />
              </a>
            ) : (
              <Person name={plots[0]?.friend ?? ''} />
            )}
          </h3>
          <MyPlots plots={plots} name={plots[0]?.friend ?? ''} nowMs={nowMs} />
        </div>
      ))}
    </section>
  );
}
