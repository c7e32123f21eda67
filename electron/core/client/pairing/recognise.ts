import { hello } from '../../../../shared/wire/messages.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { FriendRegistry } from '../../friends/friend-registry.ts';
import type { Identity } from '../../identity/identity.ts';
import { readStatement } from '../../identity/statement.ts';
import type { Clock } from '../../ports.ts';
import { openPeerSession } from '../connection/peer-client.ts';
import { sendSoon } from '../connection/send-soon.ts';

/** Addresses that a friend's device is known at are few; each is asked once. */
const ADDRESSES_MAX = 6;

/**
 * Where a friend's device was, another key answers. It is the friend's too if his root says so about
 * that very key: a successor in its place, or another device. Everybody else stays a stranger, and
 * hears nothing but hello. True: it is written down, and can be called as a friend's device.
 */
export async function recognise(
  parts: {
    readonly identity: Pick<Identity, 'keyPem' | 'certificatePem'>;
    readonly friends: Pick<FriendRegistry, 'add' | 'byDevice' | 'contacted'>;
    readonly clock: Pick<Clock, 'nowMs'>;
  },
  friend: Friend,
  addresses: readonly string[],
): Promise<boolean> {
  const asked = addresses.slice(0, ADDRESSES_MAX).map((address) => ask(parts, friend, address));
  return (await Promise.all(asked)).includes(true);
}

async function ask(
  { identity, friends, clock }: Parameters<typeof recognise>[0],
  { owner }: Friend,
  address: string,
): Promise<boolean> {
  const session = openPeerSession(identity, { device: undefined, addresses: [address] });
  const greeting = await sendSoon(session, { method: 'GET', path: '/v1/hello', schema: hello });
  const device = session.device();
  session.close();
  if (!greeting.ok || device === undefined) return false;
  const known = friends.byDevice(device);
  if (known !== undefined) {
    // Friends' devices have changed places; it has proved its key in the handshake.
    friends.contacted(device, address);
    return known.owner === owner;
  }
  const { name, kind, statement: signed } = greeting.value;
  const statement = signed === undefined ? undefined : readStatement(signed);
  if (signed === undefined || statement?.owner !== owner || statement.device !== device)
    return false;
  const added = await friends.add({
    name,
    kind,
    statement,
    signed,
    addresses: [address],
    atMs: clock.nowMs(),
    isIntroduced: true,
  });
  return added.ok;
}
