import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Link,
  readChain,
  readVoucher,
  type Voucher,
  VOUCHER_WITHIN_MS,
} from '../../../electron/core/vouchers/voucher.ts';
import {
  readIntroduction,
  writeIntroduction,
} from '../../../electron/core/vouchers/introduction-text.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import {
  makePerson,
  newVoucherId,
  type Person,
  type TestDevice,
  vouch,
} from '../../fakes/people.ts';
import { fc, runs } from '../../fakes/properties.ts';

const NOW_MS = 1_800_000_000_000;
const LATER_MS = NOW_MS + 90 * DAY_S * 1000;

let host: Person;
let ana: Person;
let ben: Person;
let cleo: Person;
let dev: Person;
let emil: Person;

beforeAll(async () => {
  [host, ana, ben, cleo, dev, emil] = (await Promise.all(
    Array.from({ length: 6 }, makePerson),
  )) as [Person, Person, Person, Person, Person, Person];
});

/** The chain that goes through these people, the first of whom is the host's friend, each narrowed as said. */
function chainThrough(
  people: readonly Person[],
  narrow: (step: number) => Partial<Voucher> = () => ({}),
  signers: (step: number) => TestDevice | undefined = () => undefined,
): readonly string[] {
  const texts: string[] = [];
  let before: Link | undefined;
  for (let step = 0; step + 1 < people.length; step += 1) {
    const [from, to] = [people[step]!, people[step + 1]!];
    const text = vouch(
      {
        host: host.owner,
        introducer: from.owner,
        newcomer: to.owner,
        bytes: 10n * GB,
        untilMs: LATER_MS,
        id: newVoucherId(),
        delegable: true,
        ...(before === undefined ? {} : { parent: before.hash }),
        ...narrow(step),
      },
      signers(step) ?? from.device,
    );
    texts.push(text);
    before = readVoucher(text) ?? before;
  }
  return texts;
}

const read = (texts: readonly string[], newcomer: Person, nowMs = NOW_MS) =>
  readChain(texts, { host: host.owner, newcomer: newcomer.owner, nowMs });

describe('a chain of vouchers', () => {
  test('leads from a friend to the newcomer over one, two or three people', () => {
    expect(read(chainThrough([ana, ben]), ben)).toMatchObject({ ok: true });
    expect(read(chainThrough([ana, ben, cleo]), cleo)).toMatchObject({ ok: true });
    const three = read(chainThrough([ana, ben, cleo, dev]), dev);
    expect(three.ok && three.value.map(({ newcomer }) => newcomer)).toEqual([
      ben.owner,
      cleo.owner,
      dev.owner,
    ]);
  });

  test('of more than three is none', () => {
    expect(read(chainThrough([ana, ben, cleo, dev, emil]), emil)).toEqual({
      ok: false,
      fault: 'voucher-invalid',
    });
  });

  test('counts for nobody but the one whom its end names', () => {
    expect(read(chainThrough([ana, ben]), cleo).ok).toBe(false);
    expect(read(chainThrough([ana, ben, cleo]), ben).ok).toBe(false);
  });

  test('only narrows, whatever the figures are: never more bytes, never a later end', () => {
    const figures = fc.record({
      first: fc.bigInt({ min: 1n, max: 2n ** 62n }),
      second: fc.bigInt({ min: 1n, max: 2n ** 62n }),
      firstDays: fc.integer({ min: 1, max: 300 }),
      secondDays: fc.integer({ min: 1, max: 300 }),
    });
    fc.assert(
      fc.property(figures, ({ first, second, firstDays, secondDays }) => {
        const chain = chainThrough([ana, ben, cleo], (step) => ({
          bytes: step === 0 ? first : second,
          untilMs: NOW_MS + (step === 0 ? firstDays : secondDays) * DAY_S * 1000,
        }));
        expect(read(chain, cleo).ok).toBe(second <= first && secondDays <= firstDays);
      }),
      { numRuns: runs(60) },
    );
  });

  test.each([
    ['to its own beginning', () => [ana, ben, ana]],
    ['to its own end', () => [ana, ben, ben]],
    ['through the host', () => [ana, host, ben]],
    ['from the host', () => [host, ben]],
    ['to the host', () => [ana, host]],
  ])('that loops %s is none', (_how, people) => {
    const through = people();
    expect(read(chainThrough(through), through.at(-1)!).ok).toBe(false);
  });

  test('is for one host only', () => {
    expect(
      read(
        chainThrough([ana, ben], () => ({ host: emil.owner })),
        ben,
      ).ok,
    ).toBe(false);
    const mixed = chainThrough([ana, ben, cleo], (step) =>
      step === 1 ? { host: emil.owner } : {},
    );
    expect(read(mixed, cleo).ok).toBe(false);
  });

  test('is passed on only where its giver allowed it', () => {
    const chain = chainThrough([ana, ben, cleo], (step) => ({ delegable: step > 0 }));
    expect(read(chain, cleo).ok).toBe(false);
  });

  test('hangs together: neither its beginning nor its middle can be left out or exchanged', () => {
    const [first = '', second = '', third = ''] = chainThrough([ana, ben, cleo, dev]);
    expect(read([second, third], dev).ok).toBe(false);
    expect(read([first, third], dev).ok).toBe(false);
    const [other = ''] = chainThrough([ana, ben], () => ({ bytes: 500n * GB }));
    expect(read([other, second, third], dev).ok).toBe(false);
  });

  test('runs out, and says so', () => {
    const chain = chainThrough([ana, ben]);
    expect(read(chain, ben, LATER_MS - 1).ok).toBe(true);
    expect(read(chain, ben, LATER_MS)).toEqual({ ok: false, fault: 'voucher-expired' });
  });

  test('for longer than anybody watches over is none', () => {
    const chain = chainThrough([ana, ben], () => ({ untilMs: NOW_MS + VOUCHER_WITHIN_MS + 1 }));
    expect(read(chain, ben)).toEqual({ ok: false, fault: 'voucher-invalid' });
  });

  test('signed by a device of somebody else is none, whoever it names', async () => {
    expect(
      read(
        chainThrough([ana, ben], undefined, () => ben.device),
        ben,
      ).ok,
    ).toBe(false);
    // Another's key under the introducer's own statement, and the other way round.
    const mixed = { ...ben.device, signed: ana.device.signed };
    expect(
      read(
        chainThrough([ana, ben], undefined, () => mixed),
        ben,
      ).ok,
    ).toBe(false);
    const stolen = { ...ana.device, sign: ben.device.sign };
    expect(
      read(
        chainThrough([ana, ben], undefined, () => stolen),
        ben,
      ).ok,
    ).toBe(false);
    const second = await ana.anotherDevice({ instance: 'f'.repeat(32) });
    expect(
      read(
        chainThrough([ana, ben], undefined, () => second),
        ben,
      ).ok,
    ).toBe(true);
  });

  test('of which any letter was changed is none', () => {
    const [text = ''] = chainThrough([ana, ben]);
    const whole = read([text], ben);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: text.length - 1 }),
        fc.constantFrom('a', 'b', 'c', 'd', 'X', 'Y', 'Z', '0', '1', '9', '_', '-'),
        (at, letter) => {
          const changed = text.slice(0, at) + letter + text.slice(at + 1);
          const result = read([changed], ben);
          // The last letter of base64url can have bits that mean nothing; what is read is the same then.
          if (result.ok) expect(result).toEqual(whole);
        },
      ),
      { numRuns: runs(150) },
    );
  });

  test('that is no text of ours is none, and nothing breaks', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 200 }), { maxLength: 4 }), (texts) => {
        expect(read(texts, ben).ok).toBe(false);
      }),
    );
    const other = Buffer.from(
      JSON.stringify({ signed: 'x', signature: '', key: '', statement: 1 }),
    );
    expect(read([other.toString('base64url')], ben).ok).toBe(false);
  });
});

describe('the text of an introduction', () => {
  test('survives what mail does to line ends, and nothing else', () => {
    const introduction = {
      v: 1 as const,
      host: {
        owner: host.owner,
        name: 'Hanna',
        devices: [{ device: host.device.statement.device, addresses: ['192.168.1.20:24816'] }],
      },
      by: 'Ana',
      chain: [...chainThrough([ana, ben, cleo, dev])],
    };
    const text = writeIntroduction(introduction);
    // As long as the contract lets in.
    expect(text.length).toBeLessThan(20_000);
    const wrapped = text.replace(/.{76}/g, '$&\r\n');
    expect(readIntroduction(`  ${wrapped}\n`)).toEqual(introduction);
    expect(readIntroduction(text.slice(0, -9))).toBeUndefined();
    expect(readIntroduction('hello')).toBeUndefined();
    expect(readIntroduction('')).toBeUndefined();
  });
});
