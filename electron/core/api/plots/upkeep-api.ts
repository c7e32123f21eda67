import type { Api } from '../../../../shared/contract/api.ts';
import type { HelperView, OverShareView } from '../../../../shared/contract/space-views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { DAY_S } from '../../../../shared/units.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { CoreParts } from '../core-parts.ts';
import { keepOnly } from './keep-only.ts';
import { type Mine, mineOf } from './plots-api.ts';
import { createSpaceLook } from './space-view.ts';
import { ownerName } from '../people.ts';

type UpkeepApi = Pick<
  Api,
  | 'space.get'
  | 'shares.over'
  | 'shares.ask-less'
  | 'shares.end'
  | 'plots.keep-only'
  | 'plots.delegate'
  | 'plots.helpers'
>;

/** How somebody says "another device of mine". */
const ME = 'me';

export function upkeepApi(parts: CoreParts): UpkeepApi {
  const { friends, ledger, moment } = parts;
  const space = createSpaceLook(parts);

  /** Where there is nothing over a share, nothing is asked and nothing ends. */
  async function ofWhoIsOver(
    text: string,
    act: (owner: OwnerId) => Promise<void>,
  ): Promise<Result<readonly OverShareView[], Fault>> {
    const found = friends.find(text);
    if (!found.ok) return found;
    const { owner } = found.value;
    if ((await overShareViews(parts)).some((each) => each.owner === owner)) await act(owner);
    return ok(await overShareViews(parts));
  }

  return {
    'space.get': async () => ok(await space()),
    'shares.over': async () => ok(await overShareViews(parts)),
    'shares.ask-less': ({ friend }) =>
      ofWhoIsOver(friend, (owner) => ledger.askLess({ owner, moment: moment() })),
    'shares.end': ({ friend, days }) =>
      ofWhoIsOver(friend, async (owner) => {
        const inS = days === null ? undefined : days * DAY_S;
        const disk = await parts.hosting.disk();
        await ledger.endOver({ owner, inS, moment: moment(), disk });
      }),
    'plots.keep-only': ({ plots, goesBytes }) => keepOnly(parts, plots, goesBytes),
    'plots.delegate': async ({ plot, to, days }) => {
      const mine = await mineOf(parts, plot);
      if (!mine.ok) return mine;
      const helper = to.toLowerCase() === ME ? ok(parts.identity.owner) : ownerOf(parts, to);
      if (!helper.ok) return helper;
      const { host } = mine.value;
      if (helper.value === host.owner && days > 0)
        return failed(fault('helper-keeps-it', { friend: nameOf(host) }));
      return delegate(parts, mine.value, { owner: helper.value, days });
    },
    'plots.helpers': async () => ok(await helperViews(parts)),
  };
}

function ownerOf({ friends }: CoreParts, text: string): Result<OwnerId, Fault> {
  const found = friends.find(text);
  return found.ok ? ok(found.value.owner) : found;
}

export async function overShareViews(parts: CoreParts): Promise<readonly OverShareView[]> {
  const { ledger, hosting, moment, clock } = parts;
  const rows = await ledger.overShare({ disk: await hosting.disk(), moment: moment() });
  return rows.map(({ owner, useBytes, shareBytes, askedMs, endsInS }) => ({
    owner,
    name: ownerName(parts, owner),
    useBytes: `${useBytes}`,
    shareBytes: `${shareBytes}`,
    askedMs: askedMs ?? null,
    endsMs: endsInS === undefined ? null : clock.nowMs() + endsInS * 1000,
  }));
}

async function delegate(
  parts: CoreParts,
  { holding, host }: Mine,
  { owner, days }: { readonly owner: OwnerId; readonly days: number },
): Promise<Result<readonly HelperView[], Fault>> {
  const { plot } = holding;
  const named = await parts.upkeep.delegate(host, plot, { to: owner, forS: days * DAY_S });
  if (!named.ok) return failed(named.fault);
  const still = named.value.delegates.find(({ to }) => to === owner);
  const untilMs = still === undefined ? undefined : parts.clock.nowMs() + still.forS * 1000;
  await parts.upkeepNotes.setHelper({ plot, owner, untilMs });
  return ok(await helperViews(parts));
}

async function helperViews(parts: CoreParts): Promise<readonly HelperView[]> {
  const { upkeepNotes, holdings, identity, clock } = parts;
  const mine = new Map((await holdings.holdings()).map((holding) => [holding.plot, holding]));
  return (await upkeepNotes.helpers())
    .filter(({ untilMs }) => untilMs > clock.nowMs())
    .map(({ plot, owner, untilMs }) => {
      const host = mine.get(plot)?.host;
      const isMe = owner === identity.owner;
      return {
        plot,
        friend: host === undefined ? '' : ownerName(parts, host),
        owner: isMe ? null : owner,
        name: isMe ? null : ownerName(parts, owner),
        untilMs,
      };
    });
}
