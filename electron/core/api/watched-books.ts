import type { Async } from '../../../shared/async.ts';
import type { AccountBook } from '../accounts/account-book.ts';
import type { HoldingsBook } from '../client/holdings/holdings-book.ts';
import type { CopyBook } from '../backup/copies/book.ts';
import type { SetBook } from '../backup/set-book.ts';
import type { Books } from '../books-worker.ts';
import type { BookThread } from '../database/thread.ts';
import type { Identity } from '../identity/identity.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { GuestBook } from '../vouchers/guest-book.ts';
import type { VoucherBook } from '../vouchers/voucher-book.ts';
import type { Slice } from './change-hub.ts';

/** Which slices a call may change; calls that are not listed only read. */
type Changes<B> = Readonly<Partial<Record<keyof B, readonly Slice[]>>>;

const PROMISES = [
  'offer',
  'friends',
  'hosted',
  'decisions',
  'requests',
  'vouchers',
  'overShare',
] as const;
const BYTES = ['offer', 'friends', 'hosted', 'vouchers'] as const;

const ledgerChanges: Changes<Ledger> = {
  allocate: PROMISES,
  poll: PROMISES,
  withdraw: ['requests'],
  // Its friend is told that there is an answer.
  answerWaiting: ['requests', 'friends'],
  sweep: ['requests'],
  renew: PROMISES,
  renewMany: PROMISES,
  keepOnly: ['hosted', 'friends'],
  // Whoever may renew now is told so.
  delegate: ['friends'],
  askLess: ['overShare', 'friends'],
  endOver: ['overShare', 'friends'],
  resize: PROMISES,
  release: PROMISES,
  erased: PROMISES,
  reclaim: PROMISES,
  adopt: PROMISES,
  // Whoever offers something has begun, and can't become another owner's any more.
  setOffer: [...PROMISES, 'recovery'],
  // Whose accounts count here is part of it.
  setPolicy: [...PROMISES, 'household'],
  honour: [...PROMISES, 'household'],
  setPause: ['status', 'friends'],
  reserve: BYTES,
  post: BYTES,
  void: BYTES,
  removed: BYTES,
  correct: BYTES,
  // His other devices are told.
  protect: ['hosted', 'friends'],
  restore: ['hosted', 'friends'],
  remove: BYTES,
  dropTrash: BYTES,
  dropDamaged: BYTES,
  reservePaper: BYTES,
  paperIs: BYTES,
  paperVersionIs: BYTES,
};

export const accountChanges: Changes<AccountBook> = {
  // Friends are told that something changed here, and members and hosts ask what.
  // It may bring a keeper into the default policy.
  setAccount: [...PROMISES, 'household'],
  dropAccount: ['household', 'friends'],
  strike: ['household', 'friends'],
};

const holdingsChanges: Changes<HoldingsBook> = {
  keep: ['mine'],
  noteWritten: ['mine'],
  noteSeen: ['mine'],
  drop: ['mine'],
};

const setChanges: Changes<SetBook> = {
  create: ['sets', 'recovery'],
  edit: ['sets'],
  drop: ['sets'],
  pause: ['sets'],
  forgetHost: ['sets'],
  leave: ['sets'],
  join: ['sets'],
  tried: ['sets'],
  ran: ['sets'],
  notePruned: ['sets'],
  noteDrilled: ['sets'],
  setSequence: ['sets'],
  setRepository: ['sets'],
  setFalls: ['sets'],
};

const copyChanges: Changes<CopyBook> = {
  begin: ['sets'],
  advance: ['sets'],
  caughtUp: ['sets'],
  noteFault: ['sets'],
  noteGone: ['sets'],
  setPass: ['sets'],
  noteVerified: ['sets'],
  noteDamage: ['sets'],
  noteRepaired: ['sets'],
  forgetDamage: ['sets'],
  noteLost: ['sets'],
  retain: ['sets'],
};

const voucherChanges: Changes<VoucherBook> = {
  issue: ['vouchers'],
  withdraw: ['vouchers'],
  told: ['vouchers'],
  noteUsed: ['vouchers'],
  hold: ['vouchers'],
  takeBack: ['vouchers'],
};

const guestChanges: Changes<GuestBook> = { admit: [...PROMISES] };

/** Where friends and their names are seen. */
export const friendChanges: readonly Slice[] = [
  'friends',
  'hosted',
  'mine',
  'sets',
  'decisions',
  'vouchers',
  'recovery',
];

/** The recovery words are saved from now on. */
export const identityChanges: Changes<Identity> = { checkPhrase: ['status'] };

/** The same book; every call that may have changed something is followed by a word about it. */
export function watched<B extends object>(
  book: B,
  changes: Changes<B>,
  onChange: (slices: readonly Slice[]) => void,
): B {
  return new Proxy(book, {
    get: (target, name, receiver) => {
      const method: unknown = Reflect.get(target, name, receiver);
      const slices = changes[name as keyof B];
      if (slices === undefined || typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        const result: unknown = await Reflect.apply(method, target, args);
        onChange(slices);
        return result;
      };
    },
  });
}

/** Books whose changes doors are told of, from wherever they were changed. */
export type WatchedBooks = {
  readonly [B in 'ledger' | 'holdings' | 'sets' | 'vouchers' | 'guests']: Async<Books[B]>;
} & { readonly copyBook: Async<CopyBook> };

export function watchedBooks(
  thread: BookThread,
  tell: (slices: readonly Slice[]) => void,
): WatchedBooks {
  return {
    ledger: watched(thread.book<Books['ledger']>('ledger'), ledgerChanges, tell),
    holdings: watched(thread.book<Books['holdings']>('holdings'), holdingsChanges, tell),
    sets: watched(thread.book<Books['sets']>('sets'), setChanges, tell),
    copyBook: watched(thread.book<Books['copies']>('copies'), copyChanges, tell),
    vouchers: watched(thread.book<Books['vouchers']>('vouchers'), voucherChanges, tell),
    guests: watched(thread.book<Books['guests']>('guests'), guestChanges, tell),
  };
}
