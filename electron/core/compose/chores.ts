import type { Async } from '../../../shared/async.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { NoticeKeeper } from '../notices/notice-keeper.ts';
import type { Parting } from '../parting.ts';
import type { PauseKeeper } from '../pause.ts';
import type { Hosting } from '../plots/hosting.ts';
import type { UsageBook } from '../usage/usage-book.ts';

/** What a minute brings: the house first and in order, and beside it whatever may wait for friends. */
export function createChores(
  {
    pause,
    hosting,
    parting,
    usage,
    notices,
    moment,
  }: {
    readonly pause: Pick<PauseKeeper, 'tick'>;
    readonly hosting: Pick<Hosting, 'chores' | 'disk'>;
    readonly parting: Pick<Parting, 'tick'>;
    readonly usage: Pick<Async<UsageBook>, 'sample'>;
    readonly notices: Pick<NoticeKeeper, 'look'>;
    readonly moment: () => Moment;
  },
  /** A friend who takes long to answer keeps nothing else waiting. */
  others: readonly (() => Promise<unknown>)[],
): () => Promise<void> {
  async function keepHouse(): Promise<void> {
    await pause.tick();
    await hosting.chores();
    await parting.tick();
    await usage.sample({ moment: moment(), disk: await hosting.disk() });
    await notices.look();
  }

  return async () => {
    await Promise.all([keepHouse(), ...others.map((other) => other())]);
  };
}
