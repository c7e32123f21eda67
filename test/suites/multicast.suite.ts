import { describe, expect, test } from 'vitest';
import type { DnsMessage, Link, Multicast } from '../../electron/core/ports.ts';
import { until } from '../fakes/homes.ts';

/** Two of a kind on one wire, each with its own link into it. */
export type MulticastUnderTest = {
  readonly one: { readonly multicast: Multicast; readonly link: Link };
  readonly other: { readonly multicast: Multicast; readonly link: Link };
  readonly close: () => Promise<void> | void;
};

const question = (name: string): DnsMessage => ({
  kind: 'query',
  questions: [{ name, type: 'PTR' }],
});
const everything: DnsMessage = {
  kind: 'response',
  records: [
    { type: 'PTR', name: '_x._tcp.local', ttlS: 120, target: 'me._x._tcp.local' },
    { type: 'SRV', name: 'me._x._tcp.local', ttlS: 120, target: 'me.local', port: 24816 },
    {
      type: 'TXT',
      name: 'me._x._tcp.local',
      ttlS: 120,
      texts: ['v=1', 'n=Äna', `long=${'x'.repeat(250)}`].map((text) =>
        new TextEncoder().encode(text),
      ),
    },
    { type: 'A', name: 'me.local', ttlS: 120, address: '192.168.1.20' },
    { type: 'AAAA', name: 'me.local', ttlS: 0, address: 'fe80::20' },
  ],
};

/** What every `Multicast` owes its callers; run over each implementation. */
export function describeMulticast(
  name: string,
  open: () => Promise<MulticastUnderTest> | MulticastUnderTest,
): void {
  const withBoth = async (body: (both: MulticastUnderTest) => Promise<void>): Promise<void> => {
    const both = await open();
    try {
      await body(both);
    } finally {
      await both.one.multicast.close();
      await both.other.multicast.close();
      await both.close();
    }
  };

  describe(`${name} keeps what multicast owes`, () => {
    test('what one says the other hears unchanged, from where it was said', () =>
      withBoth(async ({ one, other }) => {
        const heard = listen(other.multicast);
        one.multicast.use([one.link]);
        other.multicast.use([other.link]);
        const found = await said(
          one,
          heard,
          everything,
          ({ message }) => message.kind === 'response',
        );
        expect(found.interfaceName).toBe(other.link.interfaceName);
        expect(plain(found.message)).toEqual(plain(everything));
        const own = one.link.addresses.map(({ address }) => address);
        expect(own).toContain(found.from.replace(/%.*$/, ''));
      }));

    test('own words come back', () =>
      withBoth(async ({ one }) => {
        const heard = listen(one.multicast);
        one.multicast.use([one.link]);
        const found = await said(one, heard, question('_own._tcp.local'), asks('_own._tcp.local'));
        expect(found.interfaceName).toBe(one.link.interfaceName);
      }));

    test('on links that are not used nothing is said or heard', () =>
      withBoth(async ({ one, other }) => {
        const heard = listen(other.multicast);
        one.multicast.use([one.link]);
        other.multicast.use([other.link]);
        await said(one, heard, question('_first._tcp.local'), asks('_first._tcp.local'));
        one.multicast.use([]);
        one.multicast.send(one.link.interfaceName, question('_second._tcp.local'));
        one.multicast.use([one.link]);
        await said(one, heard, question('_third._tcp.local'), asks('_third._tcp.local'));
        expect(heard.some(asks('_second._tcp.local'))).toBe(false);
        other.multicast.use([]);
        const own = listen(one.multicast);
        await said(one, own, question('_fourth._tcp.local'), asks('_fourth._tcp.local'));
        expect(heard.some(asks('_fourth._tcp.local'))).toBe(false);
      }));

    test('what was said last has left when it is closed, and nothing is said after', () =>
      withBoth(async ({ one, other }) => {
        const heard = listen(other.multicast);
        one.multicast.use([one.link]);
        other.multicast.use([other.link]);
        await said(one, heard, question('_before._tcp.local'), asks('_before._tcp.local'));
        one.multicast.send(one.link.interfaceName, question('_last._tcp.local'));
        await one.multicast.close();
        await until(() => (heard.some(asks('_last._tcp.local')) ? true : undefined));
        one.multicast.send(one.link.interfaceName, question('_after._tcp.local'));
        other.multicast.send(other.link.interfaceName, question('_sign._tcp.local'));
        await until(() => (heard.some(asks('_sign._tcp.local')) ? true : undefined));
        expect(heard.some(asks('_after._tcp.local'))).toBe(false);
      }));

    test('whoever no longer listens hears nothing', () =>
      withBoth(async ({ one }) => {
        const heard = listen(one.multicast);
        const more: Heard[] = [];
        const stop = one.multicast.subscribe((each) => void more.push(each));
        stop();
        one.multicast.use([one.link]);
        await said(one, heard, question('_own._tcp.local'), asks('_own._tcp.local'));
        expect(more).toEqual([]);
      }));

    test('a link that works has no problem, one that is not there harms nobody', () =>
      withBoth(async ({ one }) => {
        const heard = listen(one.multicast);
        const gone = {
          ...one.link,
          interfaceName: 'gone0',
          addresses: [{ address: '203.0.113.99', family: 4 as const, prefix: 24 }],
        };
        one.multicast.use([one.link, gone]);
        one.multicast.send('gone0', question('_x._tcp.local'));
        one.multicast.send('never0', question('_x._tcp.local'));
        await said(one, heard, question('_own._tcp.local'), asks('_own._tcp.local'));
        expect(one.multicast.problems().has(one.link.interfaceName)).toBe(false);
      }));
  });
}

type Heard = Parameters<Parameters<Multicast['subscribe']>[0]>[0];

function listen(multicast: Multicast): Heard[] {
  const heard: Heard[] = [];
  multicast.subscribe((each) => void heard.push(each));
  return heard;
}

function asks(name: string): (heard: Heard) => boolean {
  return ({ message }) =>
    message.kind === 'query' && message.questions.some((each) => each.name === name);
}

/** Said again until it is heard: sockets need a moment until they are open. */
async function said(
  { multicast, link }: MulticastUnderTest['one'],
  heard: readonly Heard[],
  message: DnsMessage,
  isIt: (heard: Heard) => boolean,
): Promise<Heard> {
  return until(() => {
    const found = heard.find(isIt);
    if (found === undefined) multicast.send(link.interfaceName, message);
    return found;
  });
}

/** Bytes as lists, whatever kind of array they came in. */
function plain(message: DnsMessage): unknown {
  if (message.kind === 'query') return message;
  return message.records.map((record) =>
    record.type === 'TXT'
      ? { ...record, texts: record.texts.map((text) => new TextDecoder().decode(text)) }
      : record,
  );
}
