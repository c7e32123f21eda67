import type { OwnerId } from '../../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { evaluations, heard, mintInfo, settled } from '../../../../shared/wire/mint.ts';
import type { MintCalls, MintFault } from '../../barter/wallet/mint-calls.ts';
import type { Issuer } from '../../barter/notes.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import type { Message } from '../connection/peer-client.ts';
import type { PeerFault } from '../connection/peer-fault.ts';
import type { Peers } from '../peers.ts';

/** A mint makes a note in some milliseconds, one after the other for all who ask. */
const MINT_MS = 60_000;

/** Calls about notes: each to one device, because each device is a mint of its own. */
export function createMintCalls({
  peers,
  friends,
  isOnline,
}: {
  readonly peers: Pick<Peers, 'call'>;
  readonly friends: Pick<FriendRegistry, 'friend'>;
  readonly isOnline: (device: Issuer['device']) => boolean;
}): MintCalls {
  async function call<T>(
    { device }: Pick<Issuer, 'device'>,
    message: Message<T>,
  ): Promise<Result<T, MintFault>> {
    const answered = await peers.call(device, message);
    return answered.ok ? ok(answered.value) : failed(faultOf(answered.fault));
  }

  const post = (path: string, body: unknown) =>
    ({ method: 'POST', path, body, answerMs: MINT_MS }) as const;

  function devices(owner: OwnerId): readonly Issuer[] {
    return (friends.friend(owner)?.devices ?? [])
      .filter(({ revoked }) => !revoked)
      .map(({ device }) => ({ owner, device }))
      .sort((one, other) => Number(isOnline(other.device)) - Number(isOnline(one.device)));
  }

  return {
    info: (issuer) => call(issuer, { method: 'GET', path: '/v1/mint', schema: mintInfo }),
    withdraw: (issuer, message) =>
      call(issuer, { ...post('/v1/mint/withdrawals', message), schema: evaluations }),
    swap: (issuer, message) =>
      call(issuer, { ...post('/v1/mint/swaps', message), schema: evaluations }),
    change: (issuer, message) =>
      call(issuer, { ...post('/v1/mint/change', message), schema: evaluations }),
    gift: (friend, message) => call(friend, { ...post('/v1/notes', message), schema: settled }),
    call: async (owner) => {
      const body = { v: PROTOCOL_VERSION };
      for (const device of devices(owner))
        await call(device, { ...post('/v1/mint/calls', body), schema: heard });
    },
    devices,
  };
}

/** Only a refusal says that nothing was done. */
function faultOf(fault: PeerFault): MintFault {
  if (fault.code !== 'refused') return { code: 'unknown' };
  const [nearest] = fault.denied.reasons;
  return {
    code: 'refused',
    denial: nearest?.code ?? 'bad-request',
    params: nearest?.params ?? {},
  };
}
