import type { BytesText, Sentence } from './views.ts';

/** Accounts (design §3.5): those that this device keeps, those it is a member of, those it honours as a host. */
export type HouseholdView = {
  /** Accounts that this device keeps for a household or for customers. */
  readonly kept: readonly AccountView[];
  /** Accounts that friends keep and of which I am a member. */
  readonly memberships: readonly MembershipView[];
  /** Friends who keep accounts, and whether this device gives room to their members. */
  readonly keepers: readonly KeeperView[];
  /** What this host has still to tell keepers: they were away. */
  readonly untold: number;
};

export type AccountView = {
  /** What the keeper calls it: unique here, 1 to 80 characters. */
  readonly account: string;
  readonly planBytes: BytesText;
  /** Nothing new is granted on it; what is kept goes on through its grace. */
  readonly closed: boolean;
  /** When the plan ends, and it is closed by itself; absent: it does not. */
  readonly untilMs?: number;
  /** The books came from an older copy, and it was closed for that; absent: no. */
  readonly restored?: true;
  /** Promised, set aside for requests under way, and given out in tickets, on all hosts together. */
  readonly chargedBytes: BytesText;
  /** Of that, what no host has settled yet. */
  readonly openBytes: BytesText;
  readonly members: readonly NamedOwner[];
  /** Where the plan counts. Empty: at every friend who honours it. */
  readonly hosts: readonly NamedOwner[];
  /** Hosts that were struck off; absent: none. One of them may stand among `hosts`: the last who was named. */
  readonly struck?: readonly NamedOwner[];
  readonly usage: readonly AccountUseView[];
};

export type NamedOwner = { readonly owner: string; readonly name: string };

/** What one member holds at one host, as that host has told. */
export type AccountUseView = {
  readonly host: NamedOwner;
  readonly member: NamedOwner;
  readonly chargedBytes: BytesText;
  readonly plots: number;
  /** When that host last compared its plots with the account book; null: never. */
  readonly comparedMs: number | null;
};

export type MembershipView = {
  readonly keeper: NamedOwner;
  readonly account: string;
  readonly planBytes: BytesText;
  readonly chargedBytes: BytesText;
  readonly leftBytes: BytesText;
  readonly closed: boolean;
  /** When the plan ends, by the keeper's clock; absent: not by itself. */
  readonly untilMs?: number;
  readonly hosts: readonly NamedOwner[];
  /** When the keeper said so; shown while he is away. */
  readonly asOfMs: number;
  /** Why it is not fresher; null: it is. */
  readonly problem: Sentence | null;
};

export type KeeperView = NamedOwner & {
  /** These are this device's own accounts; absent: a friend's. */
  readonly self?: true;
  /** The default policy has a ground for his accounts. */
  readonly honoured: boolean;
};
