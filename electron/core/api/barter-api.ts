import type { Api } from '../../../shared/contract/api.ts';
import type { ArgsOf } from '../../../shared/contract/contract.ts';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { OwnerId } from '../../../shared/ids.ts';
import { bytesFor } from '../../../shared/model/notes.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import type { WalletFault } from '../barter/wallet/wallet.ts';
import type { Friend } from '../friends/friend-book.ts';
import { nameOf } from '../friends/friend-registry.ts';
import { barterView, noteLogViews } from './barter-view.ts';
import type { CoreParts } from './core-parts.ts';

type BarterApi = Pick<
  Api,
  | 'barter.get'
  | 'barter.set'
  | 'barter.give'
  | 'barter.send'
  | 'barter.propose'
  | 'barter.answer'
  | 'barter.log'
>;

const LOG_DEFAULT = 50;

/** What doors can ask about barter; the books and keepers behind it are put together in `core/compose/barter.ts`. */
export function barterApi(parts: CoreParts): BarterApi {
  const { trading, friends } = parts;
  const view = async () => ok(await barterView(parts));

  /** The friend is named before it is said that barter is off: a slip of the pen is mended first. */
  function find(text: string): Result<Friend, Fault> {
    const found = friends.find(text);
    if (!found.ok) return found;
    return trading.isOn() ? found : failed(fault('barter-off'));
  }

  return {
    'barter.get': view,
    'barter.set': async (wish) => {
      const done = await choose(parts, wish);
      return done.ok ? view() : done;
    },
    'barter.give': async ({ friend, units }) => {
      const found = find(friend);
      if (!found.ok) return found;
      const { owner } = found.value;
      const given = await trading.mint.give({ owner, units, why: 'present' });
      if (given.ok) {
        trading.touch();
        return view();
      }
      if (given.fault.code === 'barter-off') return failed(fault('barter-off'));
      const mayIssueBytes = `${bytesFor(given.fault.mayIssueUnits)}`;
      return failed(fault('over-issue', { mayIssueBytes }));
    },
    'barter.send': async ({ friend, issuer, units }) => {
      const found = find(friend);
      if (!found.ok) return found;
      const whose = friends.findEver(issuer);
      if (!whose.ok) return whose;
      const sent = await trading.wallet.send({
        friend: found.value.owner,
        issuer: whose.value.owner,
        units,
      });
      trading.touch();
      if (sent.ok) return view();
      return failed(walletFault(sent.fault, { friend: found.value, issuer: whose.value }));
    },
    'barter.propose': async ({ friend, giveUnits, wantUnits, periodDays }) => {
      const found = find(friend);
      if (!found.ok) return found;
      const terms = { giveUnits, wantUnits, periodDays, translated: false };
      const proposed = await trading.orders.propose(found.value, terms);
      return proposed.ok ? view() : proposed;
    },
    'barter.answer': async ({ order, yes }) => {
      const answered = await trading.orders.answer(order, yes);
      return answered.ok ? view() : answered;
    },
    'barter.log': async ({ before, limit = LOG_DEFAULT }) =>
      ok(noteLogViews(parts, await trading.log.page({ before, limit }))),
  };
}

async function choose(
  { trading, friends }: CoreParts,
  { currency, rate, translator }: ArgsOf<'barter.set'>,
): Promise<Result<undefined, Fault>> {
  let issuer: OwnerId | undefined;
  if (rate !== undefined) {
    const found = friends.findEver(rate.friend);
    if (!found.ok) return found;
    issuer = found.value.owner;
  }
  if (!trading.isOn()) return failed(fault('barter-off'));
  await trading.choices.choose({
    ...(currency === undefined ? {} : { currency }),
    ...(translator === undefined ? {} : { translator }),
  });
  if (issuer !== undefined && rate !== undefined)
    await trading.reputation.setOwnRate({ issuer, rate: rate.rate });
  trading.touch();
  return ok(undefined);
}

function walletFault(
  said: WalletFault,
  { friend, issuer }: { readonly friend: Friend; readonly issuer: Friend },
): Fault {
  switch (said.code) {
    case 'notes-short':
      return fault('notes-short', { friend: nameOf(issuer) });
    case 'refused':
      return fault('refused', { ...said.params, friend: nameOf(friend), denial: said.denial });
    case 'issuer-away':
      return fault('unreachable', { friend: nameOf(issuer), detail: '' });
    case 'on-their-way':
      return fault('notes-on-their-way', { friend: nameOf(friend) });
    case 'protocol':
      return fault('protocol', { friend: nameOf(issuer), detail: 'proof' });
    default:
      return fault('unreachable', { friend: nameOf(friend), detail: '' });
  }
}
