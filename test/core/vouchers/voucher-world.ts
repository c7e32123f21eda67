import { expect } from 'vitest';
import { type FriendBook, openFriendBook } from '../../../electron/core/friends/friend-book.ts';
import { type GuestBook, openGuestBook } from '../../../electron/core/vouchers/guest-book.ts';
import { readChain, readVoucher, type Voucher } from '../../../electron/core/vouchers/voucher.ts';
import { openVoucherBook, type VoucherBook } from '../../../electron/core/vouchers/voucher-book.ts';
import { openVoucherGround } from '../../../electron/core/vouchers/voucher-ground.ts';
import type { Sql } from '../../../electron/core/database/open-database.ts';
import type { Ledger, Totals } from '../../../electron/core/ledger/ledger.ts';
import type { PlotId } from '../../../shared/ids.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import type { AllocateRequest, Answer, ShareState } from '../../../shared/model/allocate.ts';
import { GUARANTEED_LEASE_S } from '../../../shared/model/plot.ts';
import { DAY_S, GB } from '../../../shared/units.ts';
import { newVoucherId, type Person, type TestDevice, vouch } from '../../fakes/people.ts';
import { hashOf, openTestLedger, ROOMY, testRequest } from '../../fakes/test-ledger.ts';

/** A host's real books with 100 GB to share, friends with real keys, and whoever comes with a voucher. */
export type VoucherWorld = {
  readonly sql: Sql;
  readonly ledger: Ledger;
  readonly book: VoucherBook;
  readonly guests: GuestBook;
  readonly people: FriendBook;
  /** From one person to the next, each link as long and large as said; signed by the first device of each. */
  readonly chain: (
    through: readonly Person[],
    more?: Partial<Voucher>,
    devices?: readonly TestDevice[],
  ) => readonly string[];
  readonly moment: () => Moment;
  readonly befriend: (person: Person, name: string) => unknown;
  readonly pass: (days: number) => void;
  /** As a stranger, or again as the guest that he is. */
  readonly come: (person: Person, texts: readonly string[], size: bigint) => Answer | undefined;
  /** As the friend, or the guest, that he is. */
  readonly ask: (
    person: Person,
    size: bigint,
    more?: Partial<AllocateRequest> & { readonly texts?: readonly string[] },
  ) => Answer;
  readonly renew: (person: Person, plot: PlotId) => Answer;
  readonly share: (person: Person) => ShareState;
  readonly totals: () => Totals;
  readonly letGo: (person: Person, plot: PlotId) => void;
};

export function voucherWorld(host: Person, friends: readonly Person[]): VoucherWorld {
  const { sql, ledger } = openTestLedger(':memory:', (db) => [openVoucherGround(db)]);
  const people = openFriendBook(sql, ledger.endAll);
  const guests = openGuestBook(sql, { friends: people, ledger });
  const book = openVoucherBook(sql);
  let serviceS = 10 * DAY_S;
  const startMs = 1_800_000_000_000;
  const moment = () => ({ nowMs: startMs + serviceS * 1000, serviceS });
  const befriend = (person: Person, name: string) =>
    people.add({
      name,
      statement: person.device.statement,
      signed: person.device.signed,
      addresses: [],
      atMs: moment().nowMs,
    });
  ledger.setOffer({ folder: '/offer', offerBytes: 100n * GB, keepFreeBytes: 0n, volume: 'v' });
  const fair = { kind: 'fair-share' as const, weight: 1 };
  ledger.setPolicy({ owner: undefined, policy: { guards: {}, grounds: [fair] } });
  friends.forEach((person, index) => befriend(person, `friend ${index + 1}`));

  function chain(
    through: readonly Person[],
    more: Partial<Voucher> = {},
    devices: readonly TestDevice[] = through.map(({ device }) => device),
  ): readonly string[] {
    const texts: string[] = [];
    for (let step = 0; step + 1 < through.length; step += 1) {
      const parent = readVoucher(texts.at(-1) ?? '')?.hash;
      const voucher = {
        host: host.owner,
        introducer: through[step]!.owner,
        newcomer: through[step + 1]!.owner,
        bytes: 20n * GB,
        untilMs: moment().nowMs + 90 * DAY_S * 1000,
        id: newVoucherId(),
        delegable: true,
        ...(parent === undefined ? {} : { parent }),
        ...more,
      };
      texts.push(vouch(voucher, devices[step]!));
    }
    return texts;
  }

  const gathered = (person: Person, texts: readonly string[]) => ({
    voucher: [
      readChain(texts, { host: host.owner, newcomer: person.owner, nowMs: moment().nowMs }),
    ],
  });
  const requestOf = (size: bigint, texts: readonly string[], more: Partial<AllocateRequest> = {}) =>
    testRequest(size, {
      duration: { want: GUARANTEED_LEASE_S, min: 1 },
      why: texts.length === 0 ? [] : [{ kind: 'voucher', chain: [...texts] }],
      ...more,
    });

  return {
    sql,
    ledger,
    book,
    guests,
    people,
    chain,
    moment,
    befriend,
    pass: (days) => {
      serviceS += days * DAY_S;
    },
    come: (person, texts, size) => {
      const request = requestOf(size, texts);
      return guests.admit({
        name: 'somebody',
        statement: person.device.statement,
        signed: person.device.signed,
        request,
        bodyHash: hashOf(request),
        gathered: gathered(person, texts),
        moment: moment(),
        disk: ROOMY,
      })?.answer;
    },
    ask: (person, size, { texts = [], ...more } = {}) => {
      const request = requestOf(size, texts, more);
      const call = { owner: person.owner, request, bodyHash: hashOf(request), moment: moment() };
      const shown = texts.length === 0 ? {} : gathered(person, texts);
      return ledger.allocate({ ...call, gathered: shown, disk: ROOMY }).answer;
    },
    renew: (person, plot) => {
      const { requestId } = testRequest(1n);
      const request = { v: 1 as const, requestId, duration: { want: GUARANTEED_LEASE_S }, why: [] };
      const call = { owner: person.owner, plot, request, bodyHash: hashOf(request) };
      return ledger.renew({ ...call, moment: moment(), disk: ROOMY }).answer;
    },
    share: (person) => ledger.share({ owner: person.owner, disk: ROOMY }),
    totals: () => ledger.totals({ disk: ROOMY }),
    letGo: (person, plot) => {
      ledger.release({ owner: person.owner, plot, moment: moment() });
      ledger.erased({ plot, moment: moment() });
    },
  };
}

export function plotOf(answer: Answer | undefined): PlotId {
  if (answer?.type !== 'granted') throw new Error(`not granted: ${JSON.stringify(answer?.type)}`);
  return answer.plot;
}

export function codeOf(answer: Answer | undefined): string | undefined {
  return answer !== undefined && 'reasons' in answer ? answer.reasons[0]?.code : undefined;
}

/** Counters, log and plots say the same. */
export function expectSoundBooks({ sql }: VoucherWorld): void {
  const counted = sql.prepare('SELECT sum(promised) AS promised FROM vouched').get();
  const plots = sql
    .prepare(
      "SELECT sum(promised) AS promised FROM plots WHERE introducer IS NOT NULL AND state <> 'gone'",
    )
    .get();
  const logged = sql
    .prepare(
      `SELECT sum(promised_delta) AS promised FROM decisions JOIN plots ON plots.id = decisions.plot
       WHERE plots.introducer IS NOT NULL`,
    )
    .get();
  expect(counted).toEqual(plots);
  expect(logged).toEqual(plots);
  expect(sql.prepare('SELECT sum(promised_delta) AS promised FROM decisions').get()).toEqual(
    sql.prepare('SELECT nullif(promised, 0) AS promised FROM totals').get(),
  );
}
