import { z } from 'zod';
import { deviceId, ownerId } from '../../../shared/model/ids.ts';
import { personName } from '../../../shared/wire/messages.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import { LINKS_MAX } from './voucher.ts';

/**
 * What an introducer hands to the newcomer, by any way there is: where the host is found, and the vouchers. It is
 * text to be copied; whoever finds it can do nothing with it, because it names the newcomer's key.
 */
export type Introduction = z.output<typeof introduction>;

const DEVICES_MAX = 4;
const ADDRESSES_MAX = 8;
/** As long as a pasted text may be (the contract says the same). */
const TEXT_CHARS_MAX = 20_000;

const introduction = z.strictObject({
  v: z.literal(1),
  host: z.strictObject({
    owner: ownerId,
    name: personName,
    /** Pinned: nobody else is called with it. */
    devices: z
      .array(
        z.strictObject({
          device: deviceId,
          addresses: z.array(z.string().min(3).max(260)).max(ADDRESSES_MAX),
        }),
      )
      .min(1)
      .max(DEVICES_MAX),
  }),
  /** What the introducer calls himself. */
  by: personName,
  chain: z.array(z.string().max(8192)).min(1).max(LINKS_MAX),
});

export function writeIntroduction({ host, ...rest }: Introduction): string {
  const devices = host.devices
    .slice(0, DEVICES_MAX)
    .map(({ device, addresses }) => ({ device, addresses: addresses.slice(0, ADDRESSES_MAX) }));
  const value = { ...rest, host: { ...host, devices } };
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

/** Whatever a mail program did to the line ends does not matter. */
export function readIntroduction(text: string): Introduction | undefined {
  const packed = text.replace(/\s+/g, '');
  if (packed.length > TEXT_CHARS_MAX || !/^[A-Za-z0-9_-]+$/.test(packed)) return undefined;
  return introduction.safeParse(jsonOf(Buffer.from(packed, 'base64url').toString('utf8'))).data;
}
