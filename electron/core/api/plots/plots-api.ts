import type { Api } from '../../../../shared/contract/api.ts';
import type { ArgsOf } from '../../../../shared/contract/contract.ts';
import { plain } from '../../../../shared/contract/plain.ts';
import type { Plain } from '../../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import type { AllocateRequest, Answer } from '../../../../shared/model/allocate.ts';
import { plotId, ticketId } from '../../../../shared/model/ids.ts';
import { GUARANTEED_LEASE_S } from '../../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { Wanted } from '../../client/asking/asking.ts';
import type { RemotePlot } from '../../client/gateway/gateway.ts';
import { gatewayCommands } from '../../client/gateway/gateway-commands.ts';
import type { Holding } from '../../client/holdings/holdings-book.ts';
import { NO_ADDRESS } from '../../client/connection/peer-fault.ts';
import type { Friend } from '../../friends/friend-book.ts';
import { findPerson } from '../friends/find-person.ts';
import type { CoreParts } from '../core-parts.ts';
import { decisionViews } from '../views.ts';
import { isNotThere, leaveHost } from '../sets/set-endings.ts';
import { hostedViews, myPlotViews, requestViews, wishViews } from './plot-views.ts';

type PlotsApi = Pick<
  Api,
  | 'allocations.ask'
  | 'allocations.quote'
  | 'wishes.list'
  | 'wishes.withdraw'
  | 'requests.list'
  | 'requests.answer'
  | 'plots.hosted'
  | 'plots.mine'
  | 'plots.renew'
  | 'plots.release'
  | 'plots.reclaim'
  | 'decisions.list'
  | 'gateway.open'
  | 'gateway.close'
>;

const DECISIONS_DEFAULT = 50;

export function plotsApi(parts: CoreParts): PlotsApi {
  const { friends, ledger, holdings, peers, asking, clock } = parts;
  return {
    'allocations.ask': async (args) => {
      const found = findPerson(friends, args.friend);
      if (!found.ok) return found;
      const askedAtMs = clock.nowMs();
      const answered = await asking.allocate(found.value, requestOf(args));
      if (!answered.ok) return answered;
      if (answered.value.type === 'granted')
        await holdings.keep({ host: found.value.owner, granted: answered.value, askedAtMs });
      const { size: sizeBytes, durationS } = args;
      const wish = { host: found.value.owner, sizeBytes, durationS, set: undefined };
      await parts.wishes.note(answered.value, { ...wish, plot: undefined });
      return ok(plain(answered.value));
    },
    'allocations.quote': async (args) => {
      const found = friends.find(args.friend);
      if (!found.ok) return found;
      const answered = await asking.quote(found.value, requestOf(args));
      return answered.ok ? ok(plain(answered.value)) : answered;
    },
    'wishes.list': async () => ok(await wishViews(parts)),
    'wishes.withdraw': async ({ ticket }) => {
      const id = ticketId.safeParse(ticket).data;
      return ok({ withdrawn: id !== undefined && (await parts.wishes.withdraw(id)) });
    },
    'requests.list': async () => ok(await requestViews(parts)),
    'requests.answer': async ({ ticket, yes }) => {
      const id = ticketId.safeParse(ticket).data;
      if (id === undefined) return failed(fault('request-unknown'));
      const answered = await ledger.answerWaiting({ ticket: id, approved: yes });
      return answered.ok ? ok({ answered: true }) : failed(fault('request-unknown'));
    },
    'plots.hosted': async () => ok(await hostedViews(parts)),
    'plots.mine': async () => ok(await myPlotViews(parts)),
    'plots.renew': async ({ plot, durationS }) => {
      const mine = await mineOf(parts, plot);
      if (!mine.ok) return mine;
      return renew(parts, mine.value, durationS ?? GUARANTEED_LEASE_S);
    },
    'plots.release': async ({ plot }) => {
      const mine = await mineOf(parts, plot);
      if (!mine.ok) return mine;
      const { holding, host } = mine.value;
      const left = await leaveHost(parts, holding);
      const released = await peers.release(host, holding.plot);
      if (!released.ok && !isNotThere(released.fault)) {
        await left.takeBack();
        return released;
      }
      const leavesInS = released.ok ? released.value.leavesInS : undefined;
      if (leavesInS !== undefined) {
        // It is protected: what is there stays mine until then.
        await parts.lookIn.ask(host.owner);
        return ok({ released: true, leavesMs: clock.nowMs() + leavesInS * 1000 });
      }
      await holdings.drop(holding.plot);
      await left.forget();
      return ok({ released: true });
    },
    'plots.reclaim': async ({ plot, name }) => {
      const id = plotId.safeParse(plot).data;
      if (id === undefined) return failed(fault('plot-unknown', { plot }));
      const reclaimed = await ledger.reclaim({ plot: id, name, moment: parts.moment() });
      if (reclaimed.ok) return ok({ reclaimed: true });
      if (reclaimed.fault === 'plot-unknown') return failed(fault('plot-unknown', { plot }));
      return failed(fault('not-reclaimable', { plot }));
    },
    'decisions.list': async ({ friend, limit = DECISIONS_DEFAULT, ...filter }) => {
      const found = friend === undefined ? undefined : friends.findEver(friend);
      if (found?.ok === false) return found;
      return ok(await decisionViews(parts, { ...filter, owner: found?.value.owner, limit }));
    },
    'gateway.close': async ({ plot }) => {
      const all = (await holdings.holdings()).filter((each) => each.plot.startsWith(plot));
      // Also of one that is mine no longer.
      const id = all.length === 1 ? all[0]?.plot : plotId.safeParse(plot).data;
      return ok({ closed: id !== undefined && (await parts.gateway.end(id)) });
    },
    'gateway.open': async ({ plot }) => {
      const mine = await mineOf(parts, plot);
      if (!mine.ok) return mine;
      const { holding, host } = mine.value;
      const readOnly = holding.set !== undefined;
      const stream: RemotePlot['stream'] = async (wish) => {
        const session = peers.session(host);
        if (!session.ok) return NO_ADDRESS;
        return session.value.stream(wish);
      };
      const { url, passwordFile } = await parts.gateway.open({
        plot: holding.plot,
        readOnly,
        password: readOnly ? parts.identity.repositoryPassword : undefined,
        stream,
        grow: async (byBytes) => (await parts.growth.grow(host, holding.plot, byBytes)).ok,
      });
      const isEmpty = !readOnly && (await hasNoRepository(holding.plot, stream));
      const { platform } = process;
      return ok({
        url,
        plot: holding.plot,
        readOnly,
        commands: gatewayCommands({ url, passwordFile, readOnly, isEmpty, platform }),
      });
    },
  };
}

function requestOf(args: ArgsOf<'allocations.ask'>): Wanted {
  const { size, minSize, durationS, accept, purpose, why } = args;
  return {
    size,
    ...(minSize === undefined ? {} : { minSize }),
    duration: { want: durationS },
    ...(accept === undefined ? {} : { accept }),
    ...(purpose === undefined ? {} : { purpose }),
    // An extension's reason is carried as it is; a host that doesn't know its kind abstains.
    why: (why ?? []) as AllocateRequest['why'],
  };
}

export type Mine = { readonly holding: Holding; readonly host: Friend };

/** A plot of mine by its id, or the beginning of it. */
export async function mineOf(parts: CoreParts, plot: string): Promise<Result<Mine, Fault>> {
  const all = await parts.holdings.holdings();
  const matches = all.filter((each) => each.plot.startsWith(plot.toLowerCase() as PlotId));
  const [holding] = matches;
  if (holding === undefined || matches.length > 1) return failed(fault('plot-unknown', { plot }));
  const host = parts.friends.person(holding.host);
  if (host === undefined) return failed(fault('friend-unknown', { friend: holding.host }));
  return ok({ holding, host });
}

/** Restic has to be told to begin one. */
async function hasNoRepository(plot: PlotId, stream: RemotePlot['stream']): Promise<boolean> {
  const path = `/v1/plots/${plot}/repository/config`;
  const asked = await stream({ method: 'HEAD', path });
  if (!asked.ok) return false;
  asked.value.resume();
  return asked.value.statusCode === 404;
}

async function renew(
  { peers, holdings, clock, bartering }: CoreParts,
  { holding, host }: Mine,
  durationS: number,
): Promise<Result<Plain<Answer>, Fault>> {
  const askedAtMs = clock.nowMs();
  const duration = { want: durationS };
  const first = await peers.renew(host, holding.plot, duration);
  if (!first.ok) return first;
  const asked = { duration, refusal: first.value };
  const paid =
    first.value.type === 'granted'
      ? undefined
      : await bartering.payments.renew(host, holding.plot, asked);
  const answered = paid ?? first;
  if (!answered.ok) return answered;
  if (answered.value.type === 'granted')
    await holdings.keep({ host: host.owner, granted: answered.value, askedAtMs });
  return ok(plain(answered.value));
}
