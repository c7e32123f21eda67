import { z } from 'zod';
import type { Answer } from '../model/allocate.ts';
import {
  ACCOUNT_NAME,
  ADDRESS_CHARS_MAX,
  CURRENCY_CHARS_MAX,
  NAME_CHARS_MAX,
  PATH_CHARS_MAX,
  PER_GB_MONTH_MAX,
  PERIOD_DAYS_MAX,
  PURPOSE_CHARS_MAX,
  RATE_MAX,
} from '../model/bounds.ts';
import { DECISION_KINDS, DECISION_OUTCOMES } from '../model/decision-kinds.ts';
import { anyReason, plotClass, REASONS_MAX } from '../model/allocate.ts';
import { bytes, durationS } from '../model/ids.ts';
import { policy, type PolicyText } from '../model/policy.ts';
import { settings } from '../model/settings.ts';
import { pairingNo, personName } from '../wire/messages.ts';
import { backupContract } from './backup-contract.ts';
import type { ChannelName } from './channels.ts';
import { entry, type Entry, folder, friend, none, peerFaults, petName, plot } from './entry.ts';
import type { BarterView, NoteLogView } from './barter-views.ts';
import type { AccountView, HouseholdView, KeeperView, MembershipView } from './household-views.ts';
import type { HelperView, KeepOnlyView, OverShareView, SpaceView } from './space-views.ts';
import type { IssuedVoucherView, VouchersView } from './voucher-views.ts';
import type {
  AppSnapshot,
  DecisionView,
  DiskLook,
  FriendView,
  HostedPlotView,
  JobView,
  MyPlotView,
  NearbyView,
  NetworksView,
  OfferView,
  PairingView,
  Plain,
  RequestView,
  Revisioned,
  SettingsView,
  SharePreview,
  StatusView,
  TriedView,
  TroublesView,
  UsageSample,
  WishView,
} from './views.ts';

/**
 * One table of commands and queries with their arguments' schemas, result types and faults. The
 * core's `api`, the control socket, the loopback web server, the CLI and the tests all derive from it.
 * Arguments are untrusted and parsed at the door; byte counts in them are decimal strings.
 */
const accountName = z.string().trim().max(NAME_CHARS_MAX).regex(ACCOUNT_NAME);
/** Units of notes, 64 MiB for 30 days each. */
const units = bytes;
/** Of which at least one must be. */
const someUnits = units.refine((value) => value > 0n, 'nothing is no amount');
const ask = z.strictObject({
  friend,
  size: bytes,
  minSize: bytes.optional(),
  durationS,
  /** `borrowed`: a loan will do, for a week, renewed while nobody waits for it. */
  accept: plotClass.optional(),
  purpose: z.string().max(PURPOSE_CHARS_MAX).optional(),
  why: z.array(anyReason).max(REASONS_MAX).optional(),
});

export const contract = {
  'state.snapshot': entry<Revisioned & AppSnapshot>()(none),
  'status.get': entry<StatusView & { readonly offer: OfferView | null }>()(none),
  'settings.get': entry<SettingsView>()(none),
  /** Only what is named changes. A new name is told to friends from the next hello on. */
  'settings.set': entry<SettingsView>()(
    settings.extend({ name: z.string().trim().pipe(personName) }).partial(),
    ['bad-address', 'disk-full', 'folder-missing', 'folder-unreadable', 'folder-read-only'],
  ),
  /** `hour`: sixty minutes; `tomorrow`: six in the morning of the next day, by this computer's clock; null: resume. */
  'pause.set': entry<{ readonly untilMs: number | null }>()(
    z.strictObject({ until: z.enum(['hour', 'tomorrow']).nullable() }),
  ),
  'notices.dismiss': entry<{ readonly dismissed: boolean }>()(
    z.strictObject({ id: z.string().max(200) }),
  ),
  /** Samples of use, oldest first, at most 500: of one friend here, or of all. */
  'usage.history': entry<readonly UsageSample[]>()(
    z.strictObject({ friend: friend.optional(), sinceMs: z.int().min(0).optional() }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  /** What everybody would have if the offer, or one friend's policy, were another. Nothing happens. */
  'shares.preview': entry<readonly SharePreview[]>()(
    z.strictObject({
      friend: friend.optional(),
      policy: policy.nullable().optional(),
      offerBytes: bytes.optional(),
    }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  /** An empty folder name: where this system would put it. */
  'offer.look': entry<DiskLook>()(z.strictObject({ folder: z.string().max(PATH_CHARS_MAX) }), [
    'folder-missing',
    'not-a-folder',
    'folder-unreadable',
    'folder-read-only',
    'path-too-long',
  ]),
  'offer.set': entry<OfferView>()(
    z.strictObject({
      folder,
      offerBytes: bytes,
      keepFreeBytes: bytes,
      /** Makes the folder if its parent is there. */
      make: z.boolean().optional(),
    }),
    [
      'folder-missing',
      'not-a-folder',
      'folder-unreadable',
      'folder-read-only',
      'path-too-long',
      'disk-full',
      'bad-size',
      'volume-missing',
      'plots-elsewhere',
      'port-in-use',
    ],
  ),
  'friends.list': entry<readonly FriendView[]>()(none),
  'friends.rename': entry<FriendView>()(z.strictObject({ friend, petName }), [
    'friend-unknown',
    'friend-ambiguous',
  ]),
  'friends.block': entry<FriendView>()(z.strictObject({ friend }), [
    'friend-unknown',
    'friend-ambiguous',
  ]),
  'friends.unblock': entry<FriendView>()(z.strictObject({ friend }), [
    'friend-unknown',
    'friend-ambiguous',
  ]),
  /**
   * Ends a friendship: in so many days, until when both can fetch what they have at the other's and
   * neither asks for more, or at once (0). At once needs the friend's name, since it deletes.
   */
  'friends.leave': entry<FriendView>()(
    z.strictObject({ friend, days: z.int().min(0).max(365), name: z.string().max(100).optional() }),
    ['friend-unknown', 'friend-ambiguous', 'wrong-name'],
  ),
  /** Takes that back while there is time. */
  'friends.stay': entry<FriendView>()(z.strictObject({ friend }), [
    'friend-unknown',
    'friend-ambiguous',
  ]),
  /** `host:port` that the friend gave me for reaching him from anywhere; null: forget it. */
  'friends.set-address': entry<FriendView>()(
    z.strictObject({ friend, address: z.string().trim().min(1).max(ADDRESS_CHARS_MAX).nullable() }),
    ['friend-unknown', 'friend-ambiguous', 'bad-address'],
  ),
  /** Calls the friend now, at every address known. */
  'friends.try': entry<FriendView>()(z.strictObject({ friend }), [
    'friend-unknown',
    'friend-ambiguous',
    'unreachable',
    'wrong-key',
    'protocol',
    'refused',
  ]),
  /** Somebody is to be added: from now on friends and those who want to be can call here. */
  'listening.begin': entry<{ readonly port: number }>()(none, ['port-in-use']),
  'nearby.list': entry<readonly NearbyView[]>()(none),
  'networks.get': entry<NetworksView>()(none),
  /** Whether friends may find this device on that network. */
  'networks.set': entry<NetworksView>()(
    z.strictObject({ network: z.string().min(1).max(80), home: z.boolean() }),
    ['network-unknown', 'port-in-use'],
  ),
  /** Looks what keeps this device and others apart; with an address, what keeps it from there. */
  'troubles.look': entry<TroublesView>()(
    z.strictObject({ address: z.string().trim().min(1).max(ADDRESS_CHARS_MAX).optional() }),
    ['bad-address'],
  ),
  'pairings.list': entry<readonly PairingView[]>()(none),
  /** Calls another device and exchanges nonces; answers when there are digits to compare. */
  'pairings.start': entry<PairingView>()(
    z.union([
      z.strictObject({ address: z.string().trim().min(1).max(ADDRESS_CHARS_MAX) }),
      z.strictObject({ nearby: z.string().min(1).max(80) }),
    ]),
    [
      'bad-address',
      'nearby-unknown',
      'port-in-use',
      'unreachable',
      'protocol',
      'already-friends',
      'refused',
      'cancelled',
    ],
  ),
  /** `code` is what the *other* screen shows. */
  'pairings.confirm': entry<PairingView>()(
    z.strictObject({ code: z.string().min(1).max(20), id: z.string().max(60).optional() }),
    [
      'bad-code',
      'pairing-unknown',
      'digits-differ',
      'pairing-expired',
      'pairing-rejected',
      'unreachable',
      'protocol',
    ],
  ),
  /** With neither `code` nor `id` it gives up a call that has no digits yet; then the answer is null. */
  'pairings.reject': entry<PairingView | null>()(
    z.strictObject({
      code: z.string().max(20).optional(),
      id: z.string().max(60).optional(),
      /** `differ`: the digits are not the same. Otherwise only: not now. */
      why: pairingNo.optional(),
    }),
    ['pairing-unknown'],
  ),
  'policy.get': entry<{ readonly policy: Plain<PolicyText>; readonly own: boolean }>()(
    z.strictObject({ friend: friend.optional() }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  /** Without `friend`: the default. `null`: back to the default. */
  'policy.set': entry<{ readonly policy: Plain<PolicyText>; readonly own: boolean }>()(
    z.strictObject({ friend: friend.optional(), policy: policy.nullable() }),
    ['friend-unknown', 'friend-ambiguous', 'bad-policy'],
  ),
  /** What would happen if this friend asked: the very same code, no effect. */
  'policy.try': entry<TriedView>()(
    z.strictObject({ friend, size: bytes, durationS, accept: plotClass.optional() }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  'allocations.ask': entry<Plain<Answer>>()(ask, peerFaults),
  'allocations.quote': entry<Plain<Answer>>()(ask, peerFaults),
  /** What I asked friends for and what pends there; asked again by itself. */
  'wishes.list': entry<readonly WishView[]>()(none),
  'wishes.withdraw': entry<{ readonly withdrawn: boolean }>()(
    z.strictObject({ ticket: z.string().max(60) }),
  ),
  /** What friends asked me for and what pends here: it waits for my word, or for lent room to come back. */
  'requests.list': entry<readonly RequestView[]>()(none),
  /** My word to one that waits for it; the friend hears it when he asks again. */
  'requests.answer': entry<{ readonly answered: true }>()(
    z.strictObject({ ticket: z.string().max(60), yes: z.boolean() }),
    ['request-unknown'],
  ),
  'plots.hosted': entry<readonly HostedPlotView[]>()(none),
  'plots.mine': entry<readonly MyPlotView[]>()(none),
  'plots.renew': entry<Plain<Answer>>()(z.strictObject({ plot, durationS: durationS.optional() }), [
    'plot-unknown',
    ...peerFaults,
  ]),
  /** One that is protected goes only then, and can be kept after all (`sets.untrash`). */
  'plots.release': entry<{ readonly released: true; readonly leavesMs?: number | undefined }>()(
    z.strictObject({ plot }),
    ['plot-unknown', ...peerFaults],
  ),
  'plots.reclaim': entry<{ readonly reclaimed: true }>()(
    z.strictObject({ plot, name: z.string().max(100) }),
    ['plot-unknown', 'not-reclaimable'],
  ),
  /**
   * Of what friends keep of mine only these plots, and those of my backups: everything else at the same friends' goes
   * after a week. It only says what would go, until it is told how many bytes that is and it still is as many.
   */
  'plots.keep-only': entry<readonly KeepOnlyView[]>()(
    z.strictObject({ plots: z.array(plot).min(1).max(1000), goesBytes: bytes.optional() }),
    ['plot-unknown', 'leaves-otherwise', ...peerFaults],
  ),
  /** Lets a friend, or another device of mine (`me`), make a plot's lease longer for so many days; 0: no longer. */
  'plots.delegate': entry<readonly HelperView[]>()(
    z.strictObject({ plot, to: friend, days: z.int().min(0).max(366) }),
    ['plot-unknown', 'helper-keeps-it', ...peerFaults],
  ),
  /** Who may do that now. */
  'plots.helpers': entry<readonly HelperView[]>()(none),
  'decisions.list': entry<readonly DecisionView[]>()(
    z.strictObject({
      friend: friend.optional(),
      kinds: z.array(z.enum(DECISION_KINDS)).min(1).optional(),
      outcomes: z.array(z.enum(DECISION_OUTCOMES)).min(1).optional(),
      sinceMs: z.int().min(0).optional(),
      untilMs: z.int().min(0).optional(),
      before: z.int().min(1).optional(),
      limit: z.int().min(1).max(200).optional(),
    }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  ...backupContract,
  'jobs.get': entry<JobView>()(z.strictObject({ id: z.string().max(60) }), ['job-unknown']),
  'jobs.cancel': entry<JobView>()(z.strictObject({ id: z.string().max(60) }), ['job-unknown']),
  'household.get': entry<HouseholdView>()(none),
  /** Makes an account, or changes one: what is not named stays. Whoever is dropped from it keeps what he has through its grace. */
  'accounts.set': entry<AccountView>()(
    z.strictObject({
      account: accountName,
      planBytes: bytes.optional(),
      /** From then on it counts as closed; null: it does not end by itself. */
      untilMs: z.int().min(1).max(8_640_000_000_000_000).nullable().optional(),
      members: z.array(friend).max(100).optional(),
      /** Empty: every friend who honours this keeper. `self`: this device. */
      hosts: z.array(friend).max(100).optional(),
      closed: z.boolean().optional(),
    }),
    [
      'friend-unknown',
      'friend-ambiguous',
      'account-unknown',
      'too-many-accounts',
      'too-many-keepers',
    ],
  ),
  /** Only one on which nothing is charged any more. */
  'accounts.drop': entry<{ readonly dropped: true }>()(z.strictObject({ account: accountName }), [
    'account-unknown',
    'account-in-use',
  ]),
  /** The keeper's word that a host is gone for good: what was charged there is given back. */
  'accounts.strike': entry<AccountView>()(z.strictObject({ account: accountName, host: friend }), [
    'account-unknown',
    'friend-unknown',
    'friend-ambiguous',
  ]),
  /** Whether members of the accounts that this friend keeps get room here: a ground in the default policy. */
  'keepers.honour': entry<KeeperView>()(z.strictObject({ friend, honoured: z.boolean() }), [
    'friend-unknown',
    'friend-ambiguous',
    'too-many-keepers',
  ]),
  /** Asks the keepers anew what is left. */
  'memberships.look': entry<readonly MembershipView[]>()(none),
  'barter.get': entry<BarterView>()(none),
  'barter.set': entry<BarterView>()(
    z.strictObject({
      currency: z
        .strictObject({
          name: z
            .string()
            .trim()
            .min(1)
            .max(CURRENCY_CHARS_MAX)
            .regex(/^\P{Cc}*$/u)
            .nullable(),
          perGbMonth: z.number().positive().max(PER_GB_MONTH_MAX),
        })
        .optional(),
      /** What one unit of an issuer's notes is worth; null: as it comes from how they were honoured. */
      rate: z.strictObject({ friend, rate: z.number().min(0).max(RATE_MAX).nullable() }).optional(),
      translator: z
        .strictObject({ on: z.boolean(), mostGiveUnits: units, mostWantUnits: units })
        .optional(),
    }),
    ['friend-unknown', 'friend-ambiguous', 'barter-off'],
  ),
  /** Notes of mine as a present: the friend's device fetches them. */
  'barter.give': entry<BarterView>()(z.strictObject({ friend, units: someUnits }), [
    'friend-unknown',
    'friend-ambiguous',
    'barter-off',
    'over-issue',
  ]),
  /** Notes of `issuer` that I hold to another friend; settled when he has swapped them. */
  'barter.send': entry<BarterView>()(z.strictObject({ friend, issuer: friend, units: someUnits }), [
    'notes-short',
    'notes-on-their-way',
    'barter-off',
    ...peerFaults,
  ]),
  /** A standing order; it begins when the friend says yes. */
  'barter.propose': entry<BarterView>()(
    z
      .strictObject({
        friend,
        giveUnits: units,
        wantUnits: units,
        periodDays: z.int().min(1).max(PERIOD_DAYS_MAX),
      })
      .refine(
        ({ giveUnits, wantUnits }) => giveUnits > 0n || wantUnits > 0n,
        'nothing for nothing is no order',
      ),
    ['barter-off', ...peerFaults],
  ),
  /** Yes or no to what a friend proposed; no also ends one that stands or takes back my own proposal. */
  'barter.answer': entry<BarterView>()(
    z.strictObject({ order: z.string().max(60), yes: z.boolean() }),
    ['order-unknown', 'barter-off', 'over-issue', ...peerFaults],
  ),
  'barter.log': entry<readonly NoteLogView[]>()(
    z.strictObject({
      before: z.int().min(1).optional(),
      limit: z.int().min(1).max(200).optional(),
    }),
  ),
  'vouchers.list': entry<VouchersView>()(none),
  /** Introduces somebody to a friend of mine, out of my own share there. The text goes to the newcomer by any way. */
  'vouchers.issue': entry<{ readonly voucher: IssuedVoucherView; readonly text: string }>()(
    z.strictObject({
      host: friend,
      /** A friend of mine, or the newcomer's owner id as his own program shows it. */
      newcomer: z.string().min(1).max(100),
      bytes,
      days: z.int().min(1).max(365),
      /** He may pass on a narrower one. */
      delegable: z.boolean().optional(),
    }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  /** Takes it back: nothing new is granted on it, and what stands on it ends with its lease. */
  'vouchers.withdraw': entry<IssuedVoucherView>()(z.strictObject({ id: z.string().max(60) }), [
    'voucher-unknown',
  ]),
  /** The newcomer's side: asks the host for a plot with a text that an introducer gave. */
  'vouchers.take': entry<Plain<Answer>>()(
    z.strictObject({ text: z.string().min(1).max(20_000), size: bytes.optional() }),
    ['bad-voucher', ...peerFaults],
  ),
  'space.get': entry<SpaceView>()(none),
  'shares.over': entry<readonly OverShareView[]>()(none),
  /** Tells a friend that his plots are more than his share, and by how much; nothing is taken. */
  'shares.ask-less': entry<readonly OverShareView[]>()(z.strictObject({ friend }), [
    'friend-unknown',
    'friend-ambiguous',
  ]),
  /** Ends what is over his share with notice: no more renewals beyond that date; null: goes on after all. */
  'shares.end': entry<readonly OverShareView[]>()(
    z.strictObject({ friend, days: z.int().min(7).max(365).nullable() }),
    ['friend-unknown', 'friend-ambiguous'],
  ),
  'folders.list': entry<{
    readonly folder: string;
    readonly parent: string | null;
    readonly folders: readonly string[];
  }>()(z.strictObject({ folder: z.string().max(PATH_CHARS_MAX) }), [
    'folder-missing',
    'not-a-folder',
    'folder-unreadable',
    'path-too-long',
  ]),
  /** The 24 words, only until they were saved and checked. With them, `instance` lets a new machine take this one's place. */
  'phrase.show': entry<{ readonly words: readonly string[] | null; readonly instance: string }>()(
    none,
  ),
  'phrase.check': entry<{ readonly saved: boolean }>()(
    z.strictObject({
      words: z
        .array(z.strictObject({ position: z.int().min(1).max(24), word: z.string().max(20) }))
        .min(3)
        .max(24),
    }),
    ['bad-phrase'],
  ),
} satisfies Record<ChannelName, Entry<z.ZodType, unknown>>;

export type Contract = typeof contract;
export type ArgsOf<C extends ChannelName> = z.output<Contract[C]['args']>;
/** What a caller writes: byte counts still text. */
export type InputOf<C extends ChannelName> = Plain<z.input<Contract[C]['args']>>;
export type ResultOf<C extends ChannelName> =
  Contract[C] extends Entry<z.ZodType, infer R> ? R : never;
