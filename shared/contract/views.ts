import type { BackupSetView, RecoveryView, RestoreView } from './backup-views.ts';
import type { BarterView } from './barter-views.ts';
import type { HouseholdView } from './household-views.ts';
import type { OverShareView } from './space-views.ts';
import type { VouchersView } from './voucher-views.ts';
import type { DenialCode } from '../denial.ts';
import type { Answer, Step } from '../model/allocate.ts';
import type { DecisionKind, DecisionOutcome } from '../model/decision-kinds.ts';
import type { MachineKind } from '../model/machine.ts';
import type { PlotState } from '../model/plot.ts';
import type { GroundKind } from '../model/policy.ts';
import type { Settings } from '../model/settings.ts';
import type { NoticeKind, NoticeLevel } from '../notices/notice.ts';

/**
 * What the doors show: plain JSON, the same over the control socket, the loopback web server, and
 * the preload. Byte counts are canonical decimal strings here too (`--json` is stable), times are
 * milliseconds since 1970, durations seconds.
 */
export type BytesText = string;

/** A message of the wire as the doors show it: every `bigint` has become its decimal text. */
export type Plain<T> = T extends bigint
  ? BytesText
  : T extends string
    ? T
    : T extends readonly (infer E)[]
      ? readonly Plain<E>[]
      : T extends object
        ? { readonly [K in keyof T]: Plain<T[K]> }
        : T;

export type StatusView = {
  readonly version: string;
  readonly name: string;
  readonly owner: string;
  readonly device: string;
  /** The port friends reach; null while nothing is shared and nobody is being added. */
  readonly port: number | null;
  /** What a friend types to reach this device, the likeliest first: `192.168.1.20:24816`. */
  readonly addresses: readonly string[];
  /** False until the recovery phrase was saved and three of its words checked. */
  readonly phraseSaved: boolean;
  readonly warnings: readonly Sentence[];
  /** While set, nothing new is granted and nothing more is written here; reading goes on. */
  readonly pausedUntilMs: number | null;
  readonly shell: ShellView;
};

/** What the door that started the core can do, so that the window offers only what works. */
export type ShellView = {
  readonly kind: 'desktop' | 'headless';
  readonly platform: 'linux' | 'macos' | 'windows' | 'other';
  /** Where the device's key lies: in the system's key ring, or in files that only this user can read. */
  readonly secrets: 'keyring' | 'file';
  readonly hasTray: boolean;
  readonly canStartAtLogin: boolean;
  /** `none`: this build knows of no place where newer ones would be. `tells`: it is not signed, and takes nothing by itself. */
  readonly updates: {
    readonly mode: 'installs' | 'tells' | 'none';
    /** A newer version that was found; `isReady`: the next restart brings it. */
    readonly version: string | null;
    readonly isReady: boolean;
  };
};

export type SettingsView = Settings & {
  /** What this device calls itself to friends. */
  readonly name: string;
};

/** A key of the catalogue with its arguments; never ready-made prose, so that it can be translated. */
export type Sentence = { readonly key: string; readonly params: Readonly<Record<string, string>> };

export type OfferView = {
  readonly folder: string;
  readonly volume: 'present' | 'missing';
  readonly offerBytes: BytesText;
  readonly keepFreeBytes: BytesText;
  /** Free bytes on the volume, and its size. */
  readonly freeBytes: BytesText;
  readonly diskBytes: BytesText;
  /** C: what can be promised in all. */
  readonly capacityBytes: BytesText;
  readonly promisedBytes: BytesText;
  readonly writtenBytes: BytesText;
  /** F: what fair sharing divides. */
  readonly fairBytes: BytesText;
};

export type FriendView = {
  readonly owner: string;
  /** The pet name if I gave one, else the name the friend goes by. */
  readonly name: string;
  readonly sinceMs: number;
  readonly lastContactMs: number | null;
  readonly blocked: boolean;
  readonly departed: boolean;
  /** The name he gives himself, where I call him something else. */
  readonly ownName: string | null;
  readonly devices: readonly FriendDeviceView[];
  readonly presence: PresenceView;
  /** An address that he gave me, tried besides those that were learnt. */
  readonly givenAddress: string | null;
  /** The friendship ends then, by this side's wish or the other's; what is kept stays until then. */
  readonly leaving: { readonly by: 'here' | 'there'; readonly atMs: number } | null;
  /** What I may use at his place, as he said last; null: he has not said. */
  readonly there: {
    readonly lentBytes: BytesText;
    readonly mayBorrowBytes: BytesText;
    readonly shareBytes: BytesText | null;
    readonly useBytes: BytesText;
    readonly mayAskBytes: BytesText;
    readonly asOfMs: number;
    /** He asks me to make do with so much; absent: he doesn't. */
    readonly lessBytes?: BytesText | undefined;
    /** And ends what is over that then. */
    readonly lessEndsMs?: number | undefined;
  } | null;
  /** What this friend has here. `shareBytes` is null where the ground knows no limit of its own. */
  readonly here: {
    readonly ground: GroundKind | null;
    readonly weight: number | null;
    readonly shareBytes: BytesText | null;
    readonly promisedBytes: BytesText;
    readonly writtenBytes: BytesText;
    readonly mayAskBytes: BytesText;
    /** Bytes of uploads under way now. */
    readonly arrivingBytes: BytesText;
    /** Of what is promised, what is lent: it comes back when somebody waits for a share of his own. */
    readonly lentBytes: BytesText;
    /** Promised beside it to others on his word, out of his share; absent: nothing. */
    readonly vouchedBytes?: BytesText | undefined;
    /** He is reading back what he keeps here: a restore, or a check of it. */
    readonly readsNow: boolean;
    readonly ownPolicy: boolean;
  };
};

export type FriendDeviceView = {
  readonly device: string;
  /** What it calls itself; null until it was heard of. */
  readonly name: string | null;
  readonly kind: MachineKind;
  readonly addresses: readonly string[];
  readonly revoked: boolean;
  readonly addedMs: number;
  /** It came when the friendship was there already. */
  readonly isLater: boolean;
  /** Another device claimed to be this installation then. */
  readonly clashMs: number | null;
};

/**
 * Whether a friend can be reached now. Only what his pinned key has proved counts; what the network
 * says merely makes this device look.
 */
export type PresenceView = {
  /** `unknown`: not tried yet since the start. */
  readonly state: 'online' | 'away' | 'unknown';
  /** Since when it is so. */
  readonly sinceMs: number | null;
  /** Where he answered last in this state. */
  readonly address: string | null;
  /** Why he is away, if more is known than silence. */
  readonly trouble:
    | 'no-address'
    | 'unreachable'
    | 'wrong-key'
    | 'not-friends'
    /** A new machine of the friend's has never heard of this one. */
    | 'not-yet'
    | 'revoked'
    | null;
};

/** A device on a network called home that is nobody's we know. Everything but `tail` is what it says of itself. */
export type NearbyView = {
  readonly id: string;
  readonly name: string;
  readonly kind: MachineKind;
  /** The last letters of its key, from a connection; null until one was made. */
  readonly tail: string | null;
  readonly address: string;
  /** The network's label. */
  readonly network: string;
  /** `silent`: it announces itself, but does not answer when called. */
  readonly state: 'seen' | 'answers' | 'silent';
};

export type NetworkView = {
  readonly id: string;
  /** Told by its addresses and, where there is one, its router: `192.168.1.0/24`. */
  readonly label: string;
  readonly interfaceName: string;
  readonly kind: 'cable' | 'wireless' | 'vpn' | 'virtual' | 'other';
  readonly addresses: readonly string[];
  /** False: no router tells this network from another with the same addresses. */
  readonly hasRouter: boolean;
  /** null: nobody has said yet; nothing is announced. */
  readonly home: boolean | null;
};

export type NetworksView = {
  /** Those that this device is on now. */
  readonly networks: readonly NetworkView[];
  /** It announces itself on at least one of them. */
  readonly announces: boolean;
  /** It was started so that it looks for nobody; what networks there are is not known then. */
  readonly isOff?: true;
};

/** One thing that was looked at; its words are `trouble.<id>-<state>` with these, and how to mend it. */
export type TroubleView = {
  readonly id: TroubleId;
  readonly state: 'good' | 'doubtful' | 'bad';
  readonly params: Readonly<Record<string, string>>;
};

export const TROUBLE_IDS = [
  /** This device listens, at this port. */
  'listening',
  'network',
  'home',
  'visible',
  /** Multicast leaves this device and comes back. */
  'multicast',
  /** Others are heard at all. */
  'others',
  /** Somebody seen answers when called. */
  'calls',
  /** Friends get through to this device. */
  'called',
  'vpn',
  'address',
] as const;
export type TroubleId = (typeof TROUBLE_IDS)[number];

/** The worst first. */
export type TroublesView = { readonly troubles: readonly TroubleView[]; readonly asOfMs: number };

export type HostedPlotView = {
  readonly plot: string;
  readonly owner: string;
  readonly friend: string;
  readonly ground: GroundKind;
  readonly class: 'guaranteed' | 'borrowed';
  readonly state: PlotState;
  readonly sizeBytes: BytesText;
  readonly promisedBytes: BytesText;
  readonly writtenBytes: BytesText;
  readonly fromMs: number;
  /** Until the lease ends, in service time; negative afterwards. */
  readonly leftS: number;
  readonly renewals: number;
  /** Untrusted words of the guest. */
  readonly purpose: string | null;
  /** Objects that should lie on the disk and don't, or are not what they should be. */
  readonly missingObjects: number;
  /** Deleted by the guest, kept because the plot is protected; part of `writtenBytes`. */
  readonly trashBytes: BytesText;
  /** So many days it stays; 0: not protected. */
  readonly protectDays: number;
  /** A lower protection that was asked for, and when it begins; absent: none. */
  readonly protectionFalls?: { readonly days: number; readonly atMs: number } | undefined;
  /** It goes then, because its guest's list of what to keep does not name it; absent: it stays. */
  readonly leavesMs?: number | undefined;
};

export type MyPlotView = {
  readonly plot: string;
  readonly owner: string;
  readonly friend: string;
  readonly class: 'guaranteed' | 'borrowed';
  readonly state: PlotState;
  readonly sizeBytes: BytesText;
  readonly writtenBytes: BytesText;
  readonly leftS: number;
  /** The backup set that lives there; null for a plot asked for by hand. */
  readonly set: string | null;
  /** Deleted and kept there for a while, because the plot is protected; part of `writtenBytes`. */
  readonly trashBytes: BytesText;
  readonly protectDays: number;
  readonly protectionFalls?: { readonly days: number; readonly atMs: number } | undefined;
  /** It goes then, because my list of what to keep does not name it; absent: it stays. */
  readonly leavesMs?: number | undefined;
};

/** What I asked a friend for and what pends there. */
export type WishView = {
  readonly ticket: string;
  readonly owner: string;
  readonly friend: string;
  /** `queue`: room that is lent has to come back; `owner-approval`: the friend himself has to answer. */
  readonly why: 'queue' | 'owner-approval' | 'account-server';
  readonly sizeBytes: BytesText;
  readonly durationS: number;
  readonly sinceMs: number;
  readonly set: string | null;
};

/** What a friend asked for and what pends here. */
export type RequestView = {
  readonly ticket: string;
  readonly owner: string;
  readonly friend: string;
  readonly why: 'queue' | 'owner-approval';
  readonly sizeBytes: BytesText;
  readonly durationS: number;
  /** A loan will do: for a week, renewed while nobody waits for it. */
  readonly loan: boolean;
  /** Untrusted words of the friend. */
  readonly purpose: string | null;
  readonly sinceMs: number;
  /** What I said; null: nothing yet. He hears it when he asks again. */
  readonly answered: boolean | null;
};

export type DecisionView = {
  readonly number: number;
  readonly atMs: number;
  readonly owner: string;
  readonly friend: string;
  readonly kind: DecisionKind;
  readonly outcome: DecisionOutcome;
  readonly code: DenialCode | null;
  readonly plot: string | null;
  readonly ground: GroundKind | null;
  readonly requestedBytes: BytesText | null;
  readonly requestedS: number | null;
  readonly purpose: string | null;
  readonly params: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
};

export type PairingView = {
  readonly id: string;
  /** Who began: this side or the other. */
  readonly began: 'here' | 'there';
  /** The name the other side gives itself: untrusted until confirmed. */
  readonly name: string;
  readonly address: string;
  readonly kind: MachineKind;
  /** The last letters of the other device's key. */
  readonly tail: string;
  /** The friend whose root certifies this device: it would be another device of theirs. */
  readonly friend: string | null;
  /** The owner, once paired: for the two questions that follow. */
  readonly owner: string | null;
  /** Six digits as this screen shows them; null until both nonces are known. */
  readonly digits: string | null;
  readonly state: 'comparing' | 'confirmed-here' | 'paired' | 'rejected' | 'expired' | 'failed';
  /** Of a rejected one: by whom, and whether because the digits were not the same. */
  readonly no: { readonly by: 'here' | 'there'; readonly why: 'differ' | 'declined' } | null;
  readonly leftS: number;
};

export type JobProgress = {
  readonly phase: string;
  readonly filesDone: number;
  readonly filesTotal: number | null;
  readonly bytesDone: BytesText;
  readonly bytesTotal: BytesText | null;
  readonly bytesPerS: number;
  readonly leftS: number | null;
};

export type JobKind =
  | 'backup'
  | 'restore'
  | 'check'
  | 'verify'
  | 'prune'
  | 'estimate'
  | 'drill'
  | 'export'
  | 'import';

export type JobView = {
  readonly id: string;
  readonly kind: JobKind;
  /** The set's name, or the folder that a repository lies in. */
  readonly set: string;
  /** `paused`: a restore that was stopped and can go on. */
  readonly state: 'running' | 'paused' | 'done' | 'failed' | 'cancelled';
  readonly progress: JobProgress;
  /** Of a finished job: figures for people and scripts, sizes as `BytesText`. */
  readonly result: Readonly<Record<string, string | number>> | null;
  readonly fault: Sentence | null;
  /** Files that could not be read or written; the rest went on. At most 100 are kept here. */
  readonly problems: readonly Sentence[];
};

/** Something a person should know or do. Kept until it is dismissed or no longer true. */
export type NoticeView = {
  /** Names its kind and whom it is about: a newer one with the same id replaces the older. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly level: NoticeLevel;
  readonly atMs: number;
  /** `notice.<kind>-title` and `notice.<kind>-body` of the catalogue take these. */
  readonly params: Readonly<Record<string, string>>;
  /** Where it can be looked at or acted on (`pages.ts`). */
  readonly path: string;
  /** The person has seen it and put it away; it is not shown again until it happens anew. */
  readonly dismissed: boolean;
};

export type UsageSample = {
  readonly atMs: number;
  readonly writtenBytes: BytesText;
  readonly promisedBytes: BytesText;
  /** The offer, or of one friend the share; null where there was no limit. */
  readonly limitBytes: BytesText | null;
};

/** What a friend would be answered now. Who said what on the way stands beside it, whatever the answer is. */
export type TriedView = {
  readonly answer: Plain<Answer>;
  readonly steps: readonly Step[];
  /** What the friend was taken to bring, and what he may bring besides; absent: there was nothing to assume. */
  readonly assumed?: readonly Sentence[];
};

/** What a friend would have if the owner chose so: worked out by the very code that would carry it out. */
export type SharePreview = {
  readonly owner: string;
  readonly name: string;
  readonly promisedBytes: BytesText;
  readonly shareBytes: BytesText | null;
  readonly mayAskBytes: BytesText;
  /** The share as it is now. */
  readonly presentShareBytes: BytesText | null;
  /** Of what is promised, what is lent; it takes nothing of the share. */
  readonly lentBytes: BytesText;
  /** What would be lent beyond the share. */
  readonly mayBorrowBytes: BytesText;
};

/** What a folder's disk can bear, before anything is offered there. */
export type DiskLook = {
  readonly folder: string;
  readonly exists: boolean;
  readonly freeBytes: BytesText;
  readonly diskBytes: BytesText;
  /** The most that can be offered with `keepFreeBytes` left alone. */
  readonly mostBytes: BytesText;
  readonly suggestedBytes: BytesText;
  readonly keepFreeBytes: BytesText;
};

/** Everything a screen can know. Slices arrive whole, with a revision. */
export type AppSnapshot = {
  readonly status: StatusView;
  readonly offer: OfferView | null;
  readonly friends: readonly FriendView[];
  readonly hosted: readonly HostedPlotView[];
  readonly mine: readonly MyPlotView[];
  /** The latest, newest first; older ones by `decisions.list`. */
  readonly decisions: readonly DecisionView[];
  readonly pairings: readonly PairingView[];
  readonly sets: readonly BackupSetView[];
  readonly jobs: readonly JobView[];
  /** Restores that are under way or can go on. */
  readonly restores: readonly RestoreView[];
  readonly recovery: RecoveryView;
  readonly settings: SettingsView;
  readonly nearby: readonly NearbyView[];
  readonly networks: NetworksView;
  readonly wishes: readonly WishView[];
  readonly requests: readonly RequestView[];
  readonly household: HouseholdView;
  readonly barter: BarterView;
  readonly vouchers: VouchersView;
  /** Friends whose plots are more than their share. */
  readonly overShare: readonly OverShareView[];
  /** Newest first, at most 100. */
  readonly notices: readonly NoticeView[];
};

/** Revisions count within one run of the core, which its `epoch` names. */
export type Revisioned = {
  readonly epoch: string;
  readonly revision: number;
  readonly asOfMs: number;
};

/** An event carries the slices that changed. A gap in revisions or another epoch means: read the snapshot again. */
export type AppEvent = Revisioned & { readonly changed: Partial<AppSnapshot> };
