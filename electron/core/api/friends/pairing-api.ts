import type { Api } from '../../../../shared/contract/api.ts';
import type { PairingView } from '../../../../shared/contract/views.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { PairingNo } from '../../../../shared/wire/messages.ts';
import { isOver, parseCode } from '../../friends/pairing.ts';
import { endedFault, type PairingEntry } from '../../friends/pairing-entry.ts';
import type { CoreParts } from '../core-parts.ts';
import { pairingViews } from './friend-views.ts';

type PairingApi = Pick<
  Api,
  'pairings.list' | 'pairings.start' | 'pairings.confirm' | 'pairings.reject'
>;

/** Two people compare digits; what a door can do about it. */
export function pairingApi(parts: CoreParts): PairingApi {
  const { pairings, pairingCalls } = parts;
  return {
    'pairings.list': async () => ok(pairingViews(parts)),
    'pairings.start': async (to) => {
      const call = 'address' in to ? byAddress(to.address) : byNearby(parts, to.nearby);
      if (call === undefined) return failed(fault('nearby-unknown'));
      // Whoever is called learns where this device is reached.
      const listening = await parts.listening.begin();
      if (!listening.ok) return listening;
      const begun = await pairingCalls.start(call);
      return begun.ok ? ok(viewOf(parts, begun.value)) : begun;
    },
    'pairings.confirm': (call) => confirm(parts, call),
    'pairings.reject': async ({ code, id, why = 'declined' }) => {
      // With neither: the call that has no digits yet, and so nothing that could be named.
      if (code === undefined && id === undefined && pairingCalls.giveUp()) return ok(null);
      const chosen = pairings.choose({ id, digits: code && parseCode(code) });
      if (!chosen.ok) return failed(fault('pairing-unknown'));
      return ok(viewOf(parts, await reject(parts, chosen.value, why)));
    },
  };
}

type Call = { readonly addresses: readonly string[]; readonly called: string };

function byAddress(address: string): Call {
  return { addresses: [address], called: address };
}

function byNearby({ discovery }: CoreParts, nearby: string): Call | undefined {
  const addresses = discovery.addressesOf(nearby);
  if (addresses === undefined || addresses.length === 0) return undefined;
  const seen = discovery.nearby().find(({ id }) => id === nearby);
  return { addresses, called: seen?.name ?? addresses[0] ?? nearby };
}

async function confirm(
  parts: CoreParts,
  { code, id }: { readonly code: string; readonly id?: string | undefined },
): Promise<Result<PairingView, Fault>> {
  const { pairings, pairingCalls } = parts;
  const digits = parseCode(code);
  if (digits === undefined) return failed(fault('bad-code'));
  const chosen = pairings.choose({ id, digits });
  if (!chosen.ok) return chosen;
  const entry = chosen.value;
  const ended = endedFault(entry);
  if (ended !== undefined) return failed(ended);
  if (entry.digits !== digits) {
    // One try: whoever sits in between must not get a second guess.
    if (!isOver(entry.state)) await reject(parts, entry, 'differ');
    return failed(fault('digits-differ', { name: entry.other.name }));
  }
  // The other side first: if it can't be told, nothing was confirmed.
  const told = await pairingCalls.confirm(entry);
  if (!told.ok) return told;
  const confirmed = pairings.apply(entry.id, 'confirmed-here') ?? entry;
  await parts.kept(entry.id);
  return ok(viewOf(parts, confirmed));
}

async function reject(
  { pairings, pairingCalls }: CoreParts,
  entry: PairingEntry,
  why: PairingNo,
): Promise<PairingEntry> {
  const rejected = pairings.reject(entry.id, { by: 'here', why }) ?? entry;
  await pairingCalls.reject(entry.id, why);
  return rejected;
}

function viewOf(parts: CoreParts, { id }: PairingEntry): PairingView {
  const view = pairingViews(parts).find((each) => each.id === id);
  if (view === undefined) throw new Error('a pairing was forgotten while it was looked at');
  return view;
}
