import type { Async } from '../../../../shared/async.ts';
import type { OwnerId } from '../../../../shared/ids.ts';
import type { AnyReason } from '../../../../shared/model/allocate.ts';
import type { Moment } from '../../../../shared/model/moment.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import { PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import {
  type Blank,
  type Change,
  type Evaluations,
  type MintInfo,
  NOTES_MAX,
  type Swap,
  type Withdrawal,
} from '../../../../shared/wire/mint.ts';
import type { Friend } from '../../friends/friend-book.ts';
import type { DiskFacts } from '../../ledger/ledger.ts';
import type { Witness } from '../../ledger/witnesses.ts';
import type { Logger } from '../../ports.ts';
import { evaluateBlank, isPoint, isRightNote } from '../blind-notes.ts';
import type { CheckedNote, MintBook, MintCall, MintDenial, MintRequest } from './mint-book.ts';
import { type Issuer, readNote } from '../notes.ts';
import type { GatheredNotes } from './notes-ground-book.ts';
import type { Turns } from '../turns.ts';

/** A message with the hash of its raw body. */
export type Asked<M> = {
  readonly owner: OwnerId;
  readonly message: M;
  readonly bodyHash: Uint8Array;
};

/** This device as an issuer of notes, towards friends (design §3.6). Off: every call is refused with `barter-off`. */
export type Mint = {
  readonly issuer: Issuer;
  readonly info: (friend: Pick<Friend, 'owner'>) => Promise<Result<MintInfo, MintDenial>>;
  readonly withdraw: (asked: Asked<Withdrawal>) => Promise<Result<Evaluations, MintDenial>>;
  readonly swap: (asked: Asked<Swap>) => Promise<Result<Evaluations, MintDenial>>;
  readonly change: (asked: Asked<Change>) => Promise<Result<Evaluations, MintDenial>>;
  /** Notes of mine that a friend sends back. */
  readonly comeHome: (
    asked: Asked<{ readonly requestId: Swap['requestId']; readonly notes: readonly string[] }>,
  ) => Promise<Result<undefined, MintDenial>>;
  /** Units for a friend, who is told that there is something to fetch. */
  readonly give: (call: {
    readonly owner: OwnerId;
    readonly units: bigint;
    readonly why: 'present' | 'order';
    readonly order?: string | undefined;
    readonly part?: number | undefined;
  }) => Promise<
    Result<
      { readonly claim: string },
      | { readonly code: 'over-issue'; readonly mayIssueUnits: bigint }
      | { readonly code: 'barter-off' }
    >
  >;
  /** Says what notes a request brings, before it is decided. */
  readonly witness: Witness;
  readonly tick: () => Promise<void>;
};

/** So many notes are remembered as right, so that bringing them again costs no mathematics. */
const REMEMBERED_MAX = 4096;

export function createMint({
  issuer,
  book,
  isOn,
  moment,
  disk,
  turns,
  mayCheck,
  call,
  onChange,
  logger,
}: {
  readonly issuer: Issuer;
  readonly book: Async<MintBook>;
  readonly isOn: () => boolean;
  readonly moment: () => Moment;
  readonly disk: () => Promise<DiskFacts>;
  readonly turns: Turns;
  /** Whether one more note may be looked at that this owner's requests bring: each is mathematics, however it is asked for. */
  readonly mayCheck: (owner: OwnerId) => boolean;
  /** Tells a friend that there is something to fetch; it does not matter whether he hears it. */
  readonly call: (friend: OwnerId) => Promise<void>;
  readonly onChange: () => void;
  readonly logger: Logger;
}): Mint {
  const right = new Set<string>();
  const OFF = failed({ code: 'barter-off' } as const);

  /** Notes whose signature is right, or what speaks against one of them: then the others are not looked at. */
  async function check(
    texts: readonly string[],
    mayLook: () => boolean = () => true,
  ): Promise<Result<readonly CheckedNote[], MintDenial>> {
    const keys = new Map((await book.keys({ moment: moment() })).map((key) => [key.keyset, key]));
    const notes: CheckedNote[] = [];
    for (const text of texts) {
      const note = readNote(text);
      if (note === undefined) return failed({ code: 'notes-bad' });
      const key = keys.get(note.keyset);
      // Whose keyset is not live may be an old one or nobody's; the book knows.
      if (key !== undefined && !right.has(text)) {
        if (!mayLook()) return failed({ code: 'rate-limited' });
        if (!(await turns.take(() => isRightNote(issuer, key, note))))
          return failed({ code: 'notes-bad' });
        if (right.size >= REMEMBERED_MAX) right.clear();
        right.add(text);
      }
      notes.push(key === undefined ? { ...note, unseen: true } : note);
    }
    return ok(notes);
  }

  async function evaluate(blanks: readonly Blank[]): Promise<Result<Evaluations, MintDenial>> {
    const keys = new Map((await book.keys({ moment: moment() })).map((key) => [key.keyset, key]));
    const evaluated: Evaluations['evaluated'] = [];
    for (const blank of blanks) {
      const key = keys.get(blank.keyset);
      if (key === undefined) return failed({ code: 'keyset-expired' });
      const made = await turns.take(() => evaluateBlank(issuer, key, blank));
      if (made === undefined) return failed(badPoint);
      evaluated.push(made);
    }
    return ok({ evaluated });
  }

  /** The same for all that move notes: once, whatever is lost on the way. */
  async function serve(
    request: MintRequest,
    blanks: readonly Blank[],
    takeIn: (common: MintCall) => Promise<Result<readonly Blank[], MintDenial>>,
  ): Promise<Result<Evaluations, MintDenial>> {
    if (!isOn()) return OFF;
    const before = await book.recall(request);
    if (before?.type === 'reused') return failed({ code: 'request-reused' });
    if (before?.type === 'answered') return ok(before.answer);
    if (before === undefined && !blanks.every(({ point }) => isPoint(point)))
      return failed(badPoint);
    const taken =
      before === undefined
        ? await takeIn({ ...request, blanks, moment: moment() })
        : ok(before.blanks);
    if (!taken.ok) return taken;
    const made = await evaluate(taken.value);
    if (!made.ok) return made;
    await book.answered({ ...request, answer: made.value });
    onChange();
    settleMark();
    return made;
  }

  /** What was answered is on the disk: a copy of the book that is older than this is recognised. */
  async function confirm(): Promise<void> {
    const count = await book.count();
    if (count > 0) await book.confirm({ count });
  }

  function settleMark(): void {
    confirm().catch((error: unknown) =>
      logger.warn('the mark of the mint is not written', { error: String(error) }),
    );
  }

  return {
    issuer,
    info: async ({ owner }) => {
      if (!isOn()) return OFF;
      const shown = await book.shown({ owner, moment: moment() });
      return ok({
        v: PROTOCOL_VERSION,
        ...issuer,
        keysets: [...shown.keysets],
        claims: [...shown.claims],
      });
    },
    withdraw: ({ owner, message, bodyHash }) => {
      const { requestId, claim, blinded } = message;
      return serve({ owner, requestId, bodyHash }, blinded, (common) =>
        book.withdraw({ ...common, claim }),
      );
    },
    swap: ({ owner, message, bodyHash }) => {
      const { requestId, notes: texts, blinded } = message;
      return serve({ owner, requestId, bodyHash }, blinded, async (common) => {
        const checked = await check(texts);
        return checked.ok ? book.swap({ ...common, notes: checked.value }) : checked;
      });
    },
    change: ({ owner, message, bodyHash }) => {
      const { requestId, plot, blinded } = message;
      return serve({ owner, requestId, bodyHash }, blinded, (common) =>
        book.change({ ...common, plot }),
      );
    },
    comeHome: async ({ owner, message, bodyHash }) => {
      if (!isOn()) return OFF;
      const { requestId, notes: texts } = message;
      const request = { owner, requestId, bodyHash };
      const before = await book.recall(request);
      if (before?.type === 'reused') return failed({ code: 'request-reused' });
      if (before !== undefined) return ok(undefined);
      const checked = await check(texts);
      if (!checked.ok) return checked;
      const home = await book.comeHome({ ...request, notes: checked.value, moment: moment() });
      onChange();
      settleMark();
      return home;
    },
    give: async (present) => {
      if (!isOn()) return OFF;
      const given = await book.give({ ...present, moment: moment(), disk: await disk() });
      if (!given.ok) return given;
      onChange();
      settleMark();
      void call(present.owner);
      return given;
    },
    witness: {
      kind: 'notes',
      gather: async ({ owner, why }): Promise<GatheredNotes> => {
        if (!isOn()) return { notes: [], problem: 'barter-off' };
        const texts = why.flatMap((reason) => (isNotes(reason) ? reason.notes : []));
        if (texts.length > NOTES_MAX) return { notes: [], problem: 'notes-bad' };
        const checked = await check(texts, () => mayCheck(owner));
        return checked.ok ? { notes: checked.value } : { notes: [], problem: checked.fault.code };
      },
    },
    tick: async () => {
      // Whoever comes meanwhile has his turn in between.
      while (await book.tidy({ moment: moment() }));
      await confirm();
    },
  };
}

const badPoint: MintDenial = {
  code: 'bad-request',
  params: { field: 'blinded', problem: 'not a point of the curve' },
};

type NotesReason = Extract<AnyReason, { kind: 'notes' }>;

/** An extension's kind begins with x-, so nothing else is called so. */
function isNotes(reason: AnyReason): reason is NotesReason & { kind: 'notes' } {
  return reason.kind === 'notes';
}
