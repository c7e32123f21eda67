import { createHash, randomBytes } from 'node:crypto';
import { runTogether } from '../../electron/core/database/group-commit.ts';
import type { Sql } from '../../electron/core/database/open-database.ts';
import { createErrands } from '../../electron/core/barter/wallet/errands.ts';
import { newNoteKeys } from '../../electron/core/barter/blind-notes.ts';
import { createMint, type Mint } from '../../electron/core/barter/mint/mint.ts';
import type { MintBook } from '../../electron/core/barter/mint/mint-book.ts';
import type { MintCalls, MintFault } from '../../electron/core/barter/wallet/mint-calls.ts';
import type { Mark } from '../../electron/core/database/book-mark.ts';
import { openMintStore } from '../../electron/core/barter/mint/mint-store.ts';
import { openNoteLog } from '../../electron/core/barter/note-log.ts';
import type { Issuer } from '../../electron/core/barter/notes.ts';
import { openNotesGroundBook } from '../../electron/core/barter/mint/notes-ground-book.ts';
import { openMintBook } from '../../electron/core/barter/mint/open-mint-book.ts';
import { openWalletBook } from '../../electron/core/barter/wallet/open-wallet-book.ts';
import { openOrderBook } from '../../electron/core/barter/orders/order-book.ts';
import { openReputationBook } from '../../electron/core/barter/reputation-book.ts';
import { createTurns } from '../../electron/core/barter/turns.ts';
import { createWallet, type Wallet } from '../../electron/core/barter/wallet/wallet.ts';
import type { WalletBook } from '../../electron/core/barter/wallet/wallet-book.ts';
import type { Ledger } from '../../electron/core/ledger/ledger.ts';
import { openLedger } from '../../electron/core/ledger/open-ledger.ts';
import type { Async } from '../../shared/async.ts';
import type { DeviceId, OwnerId, RequestId, TicketId } from '../../shared/ids.ts';
import type { AllocateRequest, Answer } from '../../shared/model/allocate.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { DAY_S, GB } from '../../shared/units.ts';
import { encodeJson } from '../../shared/wire/json.ts';
import { mintInfo } from '../../shared/wire/mint.ts';
import { openFresh } from './fresh-database.ts';
import { silent } from './silent-logger.ts';
import {
  addFriend,
  hashOf,
  openFile,
  testOwnerId,
  testPlotId,
  testRequest,
} from './test-ledger.ts';

/**
 * Devices that barter with each other without a network: real books, real mathematics, and calls that can get lost on
 * the way there or back. Everybody is everybody's friend and gives room for notes.
 */
export type NoteDevice = {
  readonly issuer: Issuer;
  readonly sql: Sql;
  readonly mark: { value: Mark | undefined };
  readonly ledger: Ledger;
  readonly mint: Mint;
  readonly mintBook: Async<MintBook>;
  readonly wallet: Wallet;
  readonly walletBook: Async<WalletBook>;
};

/** What becomes of a call: done, never heard, or heard and its answer lost. */
export type Fate = 'done' | 'unheard' | 'reply-lost';
/** The program ends at this very place; nothing after it happens. */
export class Crash extends Error {
  readonly device: number;
  constructor(device: number) {
    super('a crash');
    this.device = device;
  }
}

export type NoteWorld = {
  readonly device: (index: number) => NoteDevice;
  /** Its memory is gone, its books are not. */
  readonly restart: (index: number) => void;
  readonly ask: (guest: number, host: number, request: AllocateRequest) => Promise<Answer>;
  readonly moment: () => { nowMs: number; serviceS: number };
  readonly pass: (seconds: number) => void;
  /** The wall clock is put to another time; nothing else passes. */
  readonly jump: (seconds: number) => void;
  fate: () => Fate;
  /** Runs before each piece of mathematics; throws to crash there. */
  beforeWork: (device: number) => void;
  on: boolean;
  /** When requests began that still pend, whoever's. */
  pendingSince: readonly number[];
};

export const WORLD_OFFER = 40n * GB;
const DISK = { volumePresent: true, freeBytes: 10_000n * GB };

export function noteWorld(
  count: number,
  offerBytes = WORLD_OFFER,
  /** Where the books of a device lie, and their mark; none: in memory. */
  placeOf: (
    index: number,
  ) => { readonly file: string; readonly mark: NoteDevice['mark'] } | undefined = () => undefined,
): NoteWorld {
  let nowMs = Date.UTC(2026, 10, 1);
  let serviceS = 100 * DAY_S;
  let plots = 0;
  const moment = () => ({ nowMs, serviceS });
  const clock = { nowMs: () => nowMs, monotonicMs: () => serviceS * 1000 };
  const newRequestId = () => randomBytes(16).toString('base64url') as RequestId;
  const issuers: readonly Issuer[] = Array.from({ length: count }, (_, index) => ({
    owner: testOwnerId(index + 1),
    device: testOwnerId(index + 101) as string as DeviceId,
  }));

  const world: NoteWorld = {
    device: (index) => devices[index] as NoteDevice,
    restart: (index) => {
      const { sql, mark } = world.device(index);
      devices[index] = open(index, sql, mark);
    },
    ask: async (guest, host, request) => {
      const at = world.device(host);
      const owner = issuers[guest]?.owner as OwnerId;
      const { policy } = at.ledger.policy({ owner });
      const ground = policy.grounds.find(({ kind }) => kind === 'notes');
      const { why } = request;
      const question = { owner, request, why, isQuote: false };
      const notes =
        ground === undefined || !why.some(({ kind }) => kind === 'notes')
          ? undefined
          : await at.mint.witness.gather({ ...question, ground });
      const [outcome] = runTogether(at.sql, [
        () =>
          at.ledger.allocate({
            owner,
            request,
            bodyHash: hashOf(request),
            gathered: { notes },
            moment: moment(),
            disk: DISK,
          }),
      ]);
      if (outcome?.ok !== true) throw outcome?.thrown;
      return (outcome.value as { answer: Answer }).answer;
    },
    moment,
    pass: (seconds) => {
      nowMs += seconds * 1000;
      serviceS += seconds;
    },
    jump: (seconds) => {
      nowMs += seconds * 1000;
    },
    fate: () => 'done',
    beforeWork: () => undefined,
    on: true,
    pendingSince: [],
  };

  function callsOf(index: number): MintCalls {
    const me = issuers[index] as Issuer;
    async function send<T, M>(
      to: Issuer,
      message: M,
      act: (
        target: NoteDevice,
        asked: { owner: OwnerId; message: M; bodyHash: Uint8Array },
      ) => Promise<Result<T, { readonly code: string }>>,
    ): Promise<Result<T, MintFault>> {
      const target = devices.find(({ issuer }) => issuer.device === to.device);
      const fate = world.fate();
      if (target === undefined || fate === 'unheard') return failed({ code: 'unknown' });
      const text = encodeJson(message ?? '');
      const bodyHash = createHash('sha256').update(text).digest();
      const answered = await act(target, { owner: me.owner, message, bodyHash }).catch(
        (error: unknown) => {
          // Its own end is the caller's end; another's is a call without an answer.
          if (!(error instanceof Crash) || error.device === index) throw error;
          world.restart(error.device);
          return undefined;
        },
      );
      if (answered === undefined) return failed({ code: 'unknown' });
      if (fate === 'reply-lost') return failed({ code: 'unknown' });
      if (answered.ok) return ok(answered.value);
      const denial = answered.fault.code as Extract<MintFault, { code: 'refused' }>['denial'];
      return failed({ code: 'refused', denial, params: {} });
    }
    return {
      info: async (issuer) => {
        const info = await send(issuer, undefined, (target, { owner }) =>
          target.mint.info({ owner }),
        );
        return info.ok ? ok(mintInfo.parse(JSON.parse(encodeJson(info.value)))) : info;
      },
      withdraw: (issuer, message) =>
        send(issuer, message, (target, asked) => target.mint.withdraw(asked)),
      swap: (issuer, message) => send(issuer, message, (target, asked) => target.mint.swap(asked)),
      change: (issuer, message) =>
        send(issuer, message, (target, asked) => target.mint.change(asked)),
      gift: async (friend, message) => {
        const sent = await send(friend, message, (target, { owner, ...asked }) =>
          target.wallet.receive({ from: owner, ...asked }),
        );
        return sent.ok ? ok({ settled: true }) : sent;
      },
      call: async () => undefined,
      devices: (owner) => issuers.filter((issuer) => issuer.owner === owner),
    };
  }

  function open(index: number, sql: Sql, mark: NoteDevice['mark']): NoteDevice {
    const issuer = issuers[index] as Issuer;
    const log = openNoteLog(sql);
    const store = openMintStore(sql, {
      issuer,
      newKeys: newNoteKeys,
      newId: () => testPlotId(randomBytes(5).readUIntBE(0, 5)),
      mark: {
        read: () => mark.value,
        write: (next) => {
          mark.value = next;
        },
      },
    });
    const mintBook = asAsync(
      sql,
      openMintBook(sql, { store, log, totals: (call) => ledger.totals(call) }),
    );
    const walletBook = asAsync(
      sql,
      openWalletBook(sql, {
        log,
        reputation: openReputationBook(sql),
        orders: openOrderBook(sql),
      }),
    );
    const ledger: Ledger = openLedger(
      sql,
      {
        newPlotId: () => {
          plots += 1;
          return testPlotId(plots);
        },
        newTicketId: () => testPlotId(plots) as string as TicketId,
        sign: () => new Uint8Array([0xfa, 0xce]),
      },
      [openNotesGroundBook(sql, { store, log })],
    );
    const real = createTurns();
    const turns = {
      take: <T>(work: () => T) =>
        real.take(() => {
          world.beforeWork(index);
          return work();
        }),
    };
    const calls = callsOf(index);
    const common = { isOn: () => world.on, onChange: () => undefined, logger: silent };
    const mint = createMint({
      ...common,
      issuer,
      book: mintBook,
      moment,
      disk: async () => DISK,
      turns,
      mayCheck: () => true,
      call: async () => undefined,
    });
    const errands = createErrands({
      book: walletBook,
      calls,
      turns,
      clock,
      newRequestId,
      onChange: common.onChange,
    });
    const wallet = createWallet({
      ...common,
      book: walletBook,
      calls,
      errands,
      me: issuer,
      comeHome: mint.comeHome,
      pendingSince: async () => world.pendingSince,
      clock,
      newRequestId,
    });
    return { issuer, sql, mark, ledger, mint, mintBook, wallet, walletBook };
  }

  const devices: NoteDevice[] = issuers.map((_, index) => {
    const place = placeOf(index);
    const sql = place === undefined ? openFresh() : openFile(place.file);
    for (const [other, { owner }] of issuers.entries())
      if (other !== index) addFriend(sql, owner, `friend ${other}`);
    const device = open(index, sql, place?.mark ?? { value: undefined });
    device.ledger.setOffer({ folder: '/offer', offerBytes, keepFreeBytes: 0n, volume: 'v' });
    device.ledger.setPolicy({
      owner: undefined,
      policy: { guards: {}, grounds: [{ kind: 'notes' }] },
    });
    return device;
  });
  return world;
}

/** A request for room for 30 days that is paid with these. */
export function paidRequest(
  size: bigint,
  notes: readonly string[],
  more: Partial<AllocateRequest> = {},
): AllocateRequest {
  return testRequest(size, {
    duration: { want: 30 * DAY_S },
    why: notes.length === 0 ? [] : [{ kind: 'notes', notes: [...notes] }],
    ...more,
  });
}

/** As the thread of the books serves them: each call in a transaction, its answer after the commit. */
function asAsync<T extends object>(sql: Sql, book: T): Async<T> {
  return new Proxy({} as Async<T>, {
    get: (_target, method) =>
      method === 'then'
        ? undefined
        : async (...args: unknown[]) => {
            const run = (book as Record<string | symbol, unknown>)[method];
            if (typeof run !== 'function') throw new Error(`no method ${String(method)}`);
            const [outcome] = runTogether(sql, [() => run(...structuredClone(args)) as unknown]);
            if (outcome?.ok !== true) throw outcome?.thrown;
            return structuredClone(outcome.value);
          },
  });
}
