import { BlockList, isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  type Ip,
  isLinkLocal,
  isNobodys,
  isWithin,
  networkText,
  parseIp,
} from '../../../electron/core/discovery/ip.ts';
import { fc } from '../../fakes/properties.ts';

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

const address = fc.oneof(fc.ipV4(), fc.ipV6());
const network = fc.oneof(fc.tuple(fc.ipV4(), fc.nat(32)), fc.tuple(fc.ipV6(), fc.nat(128)));

describe('an internet address', () => {
  test('is whatever Node takes for one, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(address, fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const bare = text.split('%')[0] ?? '';
        const isOne = text.length <= 80 && isIP(bare) !== 0;
        expect(parseIp(text)?.family).toBe(isOne ? isIP(bare) : undefined);
      }),
    );
  });

  test('lies in the networks in which Node says it does', () => {
    fc.assert(
      fc.property(address, network, (text, [first, prefix]) => {
        const list = new BlockList();
        list.addSubnet(first, prefix, isIP(first) === 4 ? 'ipv4' : 'ipv6');
        // Node takes ::ffff:1.2.3.4 for 1.2.3.4; here they are two.
        fc.pre(!/^::ffff:/i.test(text) && !/^::ffff:/i.test(first));
        if (isIP(text) !== isIP(first)) {
          expect(isWithin(ip(text), ip(first), prefix)).toBe(false);
          return;
        }
        const inside = list.check(text, isIP(text) === 4 ? 'ipv4' : 'ipv6');
        expect(isWithin(ip(text), ip(first), prefix)).toBe(inside);
      }),
    );
  });

  test('has a network whose text begins with an address in it', () => {
    fc.assert(
      fc.property(network, ([text, prefix]) => {
        const [first = '', bits] = networkText(ip(text), prefix).split('/');
        expect(bits).toBe(`${prefix}`);
        expect(isWithin(ip(first), ip(text), prefix)).toBe(true);
        expect(networkText(ip(first), prefix)).toBe(networkText(ip(text), prefix));
      }),
    );
  });

  test('is shown as people know it', () => {
    expect(networkText(ip('192.168.1.20'), 24)).toBe('192.168.1.0/24');
    expect(networkText(ip('fd00:1:2:3:4:5:6:7'), 64)).toBe('fd00:1:2:3::/64');
    expect(networkText(ip('::1'), 128)).toBe('0:0:0:0:0:0:0:1/128');
  });

  test('may be one that a device gives itself, or one that nobody has', () => {
    expect(['169.254.9.9', 'fe80::1', 'febf::1'].map((text) => isLinkLocal(ip(text)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(['169.253.9.9', 'fec0::1', '10.0.0.1'].map((text) => isLinkLocal(ip(text)))).toEqual([
      false,
      false,
      false,
    ]);
    expect(isNobodys(ip('192.168.1.255'), 24)).toBe(true);
    expect(isNobodys(ip('192.168.1.0'), 24)).toBe(true);
    expect(isNobodys(ip('192.168.1.7'), 24)).toBe(false);
    expect(isNobodys(ip('192.168.1.1'), 31)).toBe(false);
  });
});
