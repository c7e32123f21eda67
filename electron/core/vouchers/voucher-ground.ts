import type { OwnerId } from '../../../shared/ids.ts';
import type { Cover } from '../../../shared/policy/cover.ts';
import { coverOf } from '../../../shared/policy/cover.ts';
import type { Policy } from '../../../shared/model/policy.ts';
import type { VoucherEvidence } from '../../../shared/policy/grounds/voucher.ts';
import type { Sql } from '../database/open-database.ts';
import { judgeStatement, type WrittenDevice } from '../friends/judge-statement.ts';
import type { GroundBook, GroundQuestion } from '../ledger/ground-book.ts';
import type { Result } from '../../../shared/result.ts';
import type { ChainFault, Link } from './voucher.ts';

/** What the witness brings: chains whose signatures hold, or why they don't. */
export type GatheredVouchers = readonly Result<readonly Link[], ChainFault>[];

/** As much of a link as is written down with the first plot on it. */
type KnownLink = Pick<
  Link,
  'hash' | 'parent' | 'id' | 'introducer' | 'newcomer' | 'bytes' | 'untilMs'
> & { readonly signer: Pick<Link['statement'], 'device' | 'instance' | 'serial'> };

type Standing = { readonly links: readonly KnownLink[]; readonly cover: Cover | undefined };

type LinkRecord = {
  readonly hash: string;
  readonly parent: string | null;
  readonly id: string;
  readonly introducer: OwnerId;
  readonly device: Link['statement']['device'];
  readonly instance: string;
  readonly serial: bigint;
  readonly newcomer: OwnerId;
  readonly bytes: bigint;
  readonly until_ms: bigint;
};
type PlotRecord = {
  readonly voucher: string | null;
  readonly introducer_ground: string | null;
  readonly size: bigint;
};
type PersonRecord = {
  readonly relation: 'friend' | 'guest' | 'host';
  readonly blocked: bigint;
  readonly departed: bigint;
  readonly leaving_service: bigint | null;
  readonly leaves_ms: bigint | null;
};

/**
 * The books behind introductions, inside the request's savepoint: whether the introducers still count here, what
 * is left of their vouchers, and what the first of them would be granted himself. What is granted is charged to
 * him by the triggers of the schema, so a voucher can never give more than its giver has.
 */
export function openVoucherGround(sql: Sql): GroundBook {
  const readPlot = sql.prepare<[string], PlotRecord>(
    'SELECT voucher, introducer_ground, size FROM plots WHERE id = ?',
  );
  const readLink = sql.prepare<[string], LinkRecord>('SELECT * FROM voucher_links WHERE hash = ?');
  const insertLink = sql.prepare(
    `INSERT INTO voucher_links (hash, parent, id, introducer, device, instance, serial, newcomer, bytes, until_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const standOn = sql.prepare(
    'UPDATE plots SET voucher = ?, introducer = ?, introducer_ground = ? WHERE id = ?',
  );
  const readUsed = sql.prepare<[string], { used: bigint }>(
    `WITH RECURSIVE below (hash) AS (VALUES (?) UNION
       SELECT voucher_links.hash FROM voucher_links JOIN below ON voucher_links.parent = below.hash)
     SELECT coalesce(sum(plots.promised), 0) AS used FROM plots JOIN below ON plots.voucher = below.hash
     WHERE plots.state <> 'gone'`,
  );
  const readWithdrawn = sql.prepare<[string, string]>(
    'SELECT 1 FROM voucher_withdrawals WHERE introducer = ? AND id = ?',
  );
  const readPerson = sql.prepare<[string], PersonRecord>(
    'SELECT relation, blocked, departed, leaving_service, leaves_ms FROM friends WHERE owner = ?',
  );
  const readDevices = sql.prepare<
    [string, string],
    Pick<WrittenDevice, 'device' | 'owner' | 'instance'> & {
      readonly serial: bigint;
      readonly revoked: bigint;
      readonly replaces: string | null;
    }
  >(
    `SELECT device, owner, instance, serial, revoked, replaces FROM devices WHERE owner = ? OR device = ?`,
  );

  function isSignerFit({ introducer, signer }: KnownLink): boolean {
    const written = readDevices.all(introducer, signer.device).map((each) => ({
      ...each,
      serial: Number(each.serial),
      revoked: each.revoked === 1n,
      replaces: each.replaces ?? undefined,
    }));
    return judgeStatement({ owner: introducer, ...signer }, written) === undefined;
  }

  /** The first is a friend with whom all is well; those after him may be anybody whom nobody has blocked. */
  function doCount(links: readonly KnownLink[]): boolean {
    return links.every((link, index) => {
      const person = readPerson.get(link.introducer);
      const isFriend =
        person?.relation === 'friend' &&
        person.departed === 0n &&
        person.leaving_service === null &&
        person.leaves_ms === null;
      return (
        (index > 0 || isFriend) &&
        person?.blocked !== 1n &&
        readWithdrawn.get(link.introducer, link.id) === undefined &&
        isSignerFit(link)
      );
    });
  }

  function written(leaf: string | null): readonly KnownLink[] {
    const links: KnownLink[] = [];
    for (let next = leaf; next !== null; ) {
      const record = readLink.get(next);
      if (record === undefined) break;
      links.unshift(toKnown(record));
      next = record.parent;
    }
    return links;
  }

  function leftOf(links: readonly KnownLink[]): bigint {
    const left = links.map(({ hash, bytes }) => bytes - (readUsed.get(hash)?.used ?? 0n));
    return left.reduce((one, other) => (one < other ? one : other));
  }

  function judgeLinks(
    links: readonly KnownLink[],
    { request, plot, moment, standing }: GroundQuestion,
    grown: PlotRecord | undefined,
  ): VoucherEvidence & Partial<Standing> {
    const [root] = links;
    if (root === undefined || moment === undefined || !doCount(links))
      return { fault: 'voucher-invalid' };
    const leftS = Math.floor(
      (Math.min(...links.map(({ untilMs }) => untilMs)) - moment.nowMs) / 1000,
    );
    if (leftS <= 0) return { fault: 'voucher-expired' };
    const leftBytes = leftOf(links);
    if (request === undefined) return { leftBytes, leftS, coveredBytes: 0n };
    const introducer = standing?.(root.introducer);
    const cover =
      introducer === undefined
        ? undefined
        : coverOf(
            {
              sizeBytes: request.size,
              wantS: request.duration.want,
              ...(grown === undefined || plot === undefined
                ? {}
                : { grows: { sizeBytes: grown.size, ground: 'voucher', class: 'guaranteed' } }),
            },
            onlyGround(introducer.policy, grown?.introducer_ground ?? undefined),
            introducer.facts,
          );
    return { leftBytes, leftS, coveredBytes: cover?.maxBytes ?? 0n, links, cover };
  }

  function evidence(question: GroundQuestion): (VoucherEvidence & Partial<Standing>) | undefined {
    const { plot, owner } = question;
    // A plot stands on one voucher for life, whatever else is shown when it grows.
    if (plot !== undefined) {
      const record = readPlot.get(plot);
      if (record === undefined || record.voucher === null) return undefined;
      return judgeLinks(written(record.voucher), question, record);
    }
    const shown = question.gathered as GatheredVouchers | undefined;
    if (question.request === undefined || shown === undefined) return undefined;
    const judged = shown.map((chain): VoucherEvidence & Partial<Standing> => {
      if (!chain.ok) return { fault: chain.fault };
      if (chain.value.at(-1)?.newcomer !== owner) return { fault: 'voucher-invalid' };
      return judgeLinks(chain.value.map(toKnownLink), question, undefined);
    });
    return judged.toSorted((one, other) => (worth(one) < worth(other) ? 1 : -1))[0];
  }

  return {
    kind: 'voucher',
    evidence,
    granted: ({ plot, evidence: shown, grows }) => {
      const { links = [], cover } = shown as Partial<Standing>;
      const [root] = links;
      const leaf = links.at(-1);
      if (grows || root === undefined || leaf === undefined || cover === undefined) return;
      for (const link of links) {
        const { device, instance, serial } = link.signer;
        const by = [link.id, link.introducer, device, instance, serial] as const;
        const what = [link.newcomer, link.bytes, link.untilMs] as const;
        insertLink.run(link.hash, link.parent ?? null, ...by, ...what);
      }
      standOn.run(leaf.hash, root.introducer, cover.ground, plot);
    },
  };
}

function worth(evidence: VoucherEvidence): bigint {
  if (evidence.fault !== undefined) return evidence.fault === 'voucher-expired' ? -1n : -2n;
  return evidence.leftBytes < evidence.coveredBytes ? evidence.leftBytes : evidence.coveredBytes;
}

function onlyGround(policy: Policy, kind: string | undefined): Policy {
  if (kind === undefined) return policy;
  return { ...policy, grounds: policy.grounds.filter((ground) => ground.kind === kind) };
}

function toKnownLink({ statement, ...link }: Link): KnownLink {
  const { device, instance, serial } = statement;
  return { ...link, signer: { device, instance, serial } };
}

function toKnown(record: LinkRecord): KnownLink {
  const { hash, parent, id, introducer, newcomer, bytes, device, instance, serial } = record;
  return {
    hash,
    ...(parent === null ? {} : { parent }),
    id,
    introducer,
    newcomer,
    bytes,
    untilMs: Number(record.until_ms),
    signer: { device, instance, serial: Number(serial) },
  };
}
