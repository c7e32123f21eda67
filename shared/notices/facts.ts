import type { CopyView, SetSafety } from '../contract/backup-views.ts';
import type { DenialCode } from '../denial.ts';
import type { Every } from '../model/plan-at-first.ts';

/**
 * What is looked at to find out whether a person should be told something: plain values as they are
 * now, drawn from the same views that every door shows. Names are untouched; whoever shows them
 * makes them short.
 */
export type NoticeFacts = {
  /** The program's files are not those it was started from; absent: they are. */
  readonly isReplaced?: boolean | undefined;
  readonly offer: OfferFacts | undefined;
  readonly friends: readonly FriendFacts[];
  /** Friends who keep something of mine. */
  readonly hosts: readonly HostFacts[];
  readonly mine: readonly MyPlotFacts[];
  readonly sets: readonly SetFacts[];
  /** Knocks at the door that wait for somebody to compare digits. */
  readonly pairings: readonly { readonly id: string; readonly name: string }[];
  /** Requests that wait for the owner's word and have none yet. */
  readonly asks: readonly AskFacts[];
  /** Plots of this owner's, on whichever device, that will be protected less or go because one of them said so. */
  readonly lessened?: readonly LessenedFacts[] | undefined;
  /** Standing orders; absent while barter is off. */
  readonly orders?: readonly OrderFacts[] | undefined;
  /** Requests for room and how they ended; those that were looked at before may be among them. */
  readonly requests: readonly RequestFacts[];
  /** Pairings of the last minutes in which somebody said that the digits differ, the latest last. */
  readonly attacks: readonly { readonly id: string; readonly name: string }[];
  /** Friends whose uploads the disk had no room for since the last look, whatever was promised. */
  readonly diskRefused: readonly { readonly owner: string; readonly name: string }[];
};

export type OfferFacts = {
  readonly folder: string;
  readonly volumePresent: boolean;
  readonly offerBytes: bigint;
  readonly promisedBytes: bigint;
  readonly keepFreeBytes: bigint;
  /** Both 0n while the volume can't be read. */
  readonly freeBytes: bigint;
  readonly diskBytes: bigint;
};

export type FriendFacts = {
  readonly owner: string;
  readonly name: string;
  readonly blocked: boolean;
  /** Nobody has said yet how much space there is for this friend. */
  readonly isUndecided: boolean;
  readonly useBytes: bigint;
  /** `undefined`: no limit of their own. 0n: nothing can be said now. */
  readonly shareBytes: bigint | undefined;
  /** Objects of this friend that should lie on the disk and don't. */
  readonly missingObjects: number;
  /** Objects of his that the disk gave back wrong lately, and what people call that drive. */
  readonly rotten?: { readonly files: number; readonly drive: string | undefined } | undefined;
  /** He has ended the friendship, and nobody here has said anything to that yet. */
  readonly hasLeft: boolean;
  /** What lies here of his. */
  readonly writtenBytes: bigint;
  /** Those that count. */
  readonly devices: readonly FriendDeviceFacts[];
  /** Where a device of his was, and now one with another key answers. */
  readonly wrongKeyAt: string | undefined;
  /** It refuses this device because another one of its owner's has taken its place. */
  readonly callsUsStruckOff?: boolean | undefined;
  /** He holds more guaranteed than his share, and what was done about it. */
  readonly over?: OverFacts | undefined;
  /** Leases of his here that are over; what lies in them is kept. */
  readonly unrenewed?: { readonly writtenBytes: bigint; readonly isLong: boolean } | undefined;
  /** Promised to him for a month and more, and never written to. */
  readonly idleBytes?: bigint | undefined;
};

type OverFacts = {
  readonly useBytes: bigint;
  readonly shareBytes: bigint;
  readonly askedMs: number | undefined;
  readonly endsMs: number | undefined;
};

export type FriendDeviceFacts = {
  readonly device: string;
  readonly name: string;
  /** It came when the friendship was there already. */
  readonly isLater: boolean;
  readonly addedMs: number;
  /** Another device claimed to be this one then. */
  readonly clashMs: number | undefined;
};

export type HostFacts = {
  readonly owner: string;
  readonly name: string;
  readonly lastContactMs: number;
  /** What of mine lies there, as far as known. */
  readonly writtenBytes: bigint;
  /** He ends the friendship then, or has ended it; `undefined`: it goes on. */
  readonly leavesMs: number | undefined;
  /** As told by the host; `undefined` while it has not been asked. */
  readonly share:
    | { readonly useBytes: bigint; readonly shareBytes: bigint | undefined }
    | undefined;
  /** He asks me to make do with so much, and perhaps ends what is over it then. */
  readonly less?: { readonly lessBytes: bigint; readonly endsMs: number | undefined } | undefined;
};

export type MyPlotFacts = {
  readonly plot: string;
  readonly owner: string;
  readonly name: string;
  /** Renewed only for as long as nobody waits for its room. */
  readonly isLent: boolean;
  readonly writtenBytes: bigint;
  readonly untilMs: number;
  /** When it may go after that. */
  readonly graceMs: number;
  /** It goes then, because my list of what to keep does not name it. */
  readonly leavesMs?: number | undefined;
};

export type LessenedFacts = {
  /** Who keeps them. */
  readonly owner: string;
  readonly name: string;
  readonly writtenBytes: bigint;
  readonly falls: { readonly toDays: number; readonly atMs: number } | undefined;
  /** Another device's, which lets go of it. */
  readonly leavesMs: number | undefined;
};

type SaidFacts = {
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
};

export type SetFacts = {
  readonly name: string;
  /** How many friends it goes to; 0: the friendships with all of them are over. */
  readonly hosts: number;
  /** Complete copies that are wanted. */
  readonly wanted: number;
  /** How often it runs. */
  readonly every?: Every | undefined;
  readonly createdMs: number;
  readonly safety: SetSafety;
  /** When the newest backup was made that is whole somewhere. */
  readonly newestMs: number | undefined;
  readonly pausedUntilMs: number | undefined;
  readonly drilledMs: number | undefined;
  readonly lastFault: SaidFacts | undefined;
  /** Why the last try to remove what the retention does not keep failed, and since when none has succeeded; absent: it did. */
  readonly stuck?: { readonly fault: SaidFacts; readonly sinceMs: number } | undefined;
  /** What no copy had any more and was given up last. */
  readonly lost?: { readonly objects: number; readonly atMs: number } | undefined;
  readonly copies: readonly CopyFacts[];
};

/** Of a set, at one friend. */
export type CopyFacts = {
  readonly owner: string;
  readonly friend: string;
  readonly state: CopyView['state'];
  readonly fault: SaidFacts | undefined;
  /** When what was damaged was whole again. */
  readonly repairedMs: number | undefined;
  /** What people call the drive on which it was damaged. */
  readonly drive: string | undefined;
  readonly verifiedMs: number | undefined;
  readonly isVerifyLate: boolean;
  readonly seenMs: number | undefined;
};

export type AskFacts = {
  readonly ticket: string;
  readonly owner: string;
  readonly name: string;
  readonly requestedBytes: bigint;
  readonly requestedS: number;
};

type OrderFacts = {
  readonly order: string;
  readonly name: string;
  /** The friend waits for a word. */
  readonly isAsked: boolean;
  /** What is swapped each time, as room for 30 days. */
  readonly giveBytes: bigint;
  readonly wantBytes: bigint;
  readonly periodS: number;
  /** Why it does not go on as agreed. */
  readonly problem: string | undefined;
};

export type RequestFacts = {
  /** The decision's number; later ones are greater. */
  readonly number: number;
  readonly owner: string;
  readonly name: string;
  readonly outcome: 'granted' | 'counter' | 'pending' | 'denied' | 'done';
  readonly code: DenialCode | undefined;
  readonly requestedBytes: bigint | undefined;
  readonly params: Readonly<Record<string, string>>;
};
