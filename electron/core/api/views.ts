import { barterView } from './barter-view.ts';
import { setViews } from './sets/set-views.ts';
import { householdView } from './household-api.ts';
import { overShareViews } from './plots/upkeep-api.ts';
import { recoveryView } from './sets/recovery-view.ts';
import { vouchersView } from './vouchers-api.ts';
import type {
  AppSnapshot,
  DecisionView,
  OfferView,
  Sentence,
  SettingsView,
  StatusView,
} from '../../../shared/contract/views.ts';
import type { DecisionQuery, DecisionRow } from '../ledger/ledger.ts';
import { nameOf } from '../friends/friend-registry.ts';
import type { CoreParts } from './core-parts.ts';
import { friendViews, pairingViews } from './friends/friend-views.ts';
import { ownerName } from './people.ts';
import { hostedViews, myPlotViews, requestViews, wishViews } from './plots/plot-views.ts';

/** From the books to what is shown: plain values with names in place of ids (`shared/contract/views.ts`). */

/** The latest decisions in a snapshot; older ones are paged. */
const SNAPSHOT_DECISIONS = 50;

export function snapshotReaders(parts: CoreParts): {
  readonly [S in keyof AppSnapshot]: () => Promise<AppSnapshot[S]>;
} {
  return {
    status: () => statusView(parts),
    offer: () => offerView(parts),
    friends: () => friendViews(parts),
    hosted: () => hostedViews(parts),
    mine: () => myPlotViews(parts),
    decisions: () => decisionViews(parts, { limit: SNAPSHOT_DECISIONS }),
    pairings: async () => pairingViews(parts),
    sets: () => setViews(parts),
    jobs: async () => parts.jobs.list(),
    restores: () => parts.restores.list(),
    recovery: () => recoveryView(parts),
    settings: async () => settingsView(parts),
    wishes: () => wishViews(parts),
    requests: () => requestViews(parts),
    nearby: async () => parts.discovery.nearby(),
    networks: async () => parts.discovery.networks(),
    notices: async () => parts.notices.list(),
    household: () => householdView(parts),
    barter: () => barterView(parts),
    vouchers: () => vouchersView(parts),
    overShare: () => overShareViews(parts),
  };
}

export async function statusView(parts: CoreParts): Promise<StatusView> {
  const { config, identity, hosting } = parts;
  const phraseSaved = identity.pendingPhrase() === undefined;
  const warnings: Sentence[] = [];
  if (parts.replacement.isReplaced())
    warnings.push({ key: 'warning.program-replaced', params: {} });
  const offer = hosting.offer();
  if (offer !== undefined && !(await hosting.disk()).volumePresent)
    warnings.push({ key: 'warning.volume-missing', params: { folder: offer.folder } });
  const wereOlder = hosting.wereBooksOlder();
  if (wereOlder === true) warnings.push({ key: 'warning.books-older', params: {} });
  if (wereOlder === 'perhaps') warnings.push({ key: 'warning.books-unknown', params: {} });
  const struckOffBy = parts.friends
    .friends()
    .find(({ owner }) => parts.presence.of(owner).trouble === 'revoked');
  if (struckOffBy !== undefined)
    warnings.push({ key: 'warning.struck-off', params: { friend: nameOf(struckOffBy) } });
  const file = await config.putAside();
  if (file !== undefined) warnings.push({ key: 'warning.config-damaged', params: { file } });
  if (!phraseSaved) warnings.push({ key: 'warning.phrase-unsaved', params: {} });
  return {
    version: parts.version,
    name: parts.name(),
    owner: identity.owner,
    device: identity.device,
    port: parts.port() ?? null,
    addresses: parts.addresses(),
    phraseSaved,
    warnings,
    pausedUntilMs: parts.pause.untilMs(),
    shell: await parts.shell(),
  };
}

export function settingsView({ config }: CoreParts): SettingsView {
  const { name, settings } = config.get();
  return { ...settings, name };
}

export async function offerView({ hosting, ledger }: CoreParts): Promise<OfferView | null> {
  const offer = hosting.offer();
  if (offer === undefined) return null;
  const disk = await hosting.disk();
  const [totals, size] = await Promise.all([ledger.totals({ disk }), hosting.diskSize()]);
  return {
    folder: offer.folder,
    volume: disk.volumePresent ? 'present' : 'missing',
    offerBytes: `${offer.offerBytes}`,
    keepFreeBytes: `${offer.keepFreeBytes}`,
    freeBytes: `${size.freeBytes}`,
    diskBytes: `${size.totalBytes}`,
    capacityBytes: `${totals.capacityBytes}`,
    promisedBytes: `${totals.promisedBytes}`,
    writtenBytes: `${totals.writtenBytes}`,
    fairBytes: `${totals.fairBytes}`,
  };
}

export async function decisionViews(
  parts: CoreParts,
  query: DecisionQuery,
): Promise<readonly DecisionView[]> {
  const rows = await parts.ledger.decisions(query);
  return rows.map((row) => decisionView(parts, row));
}

function decisionView(parts: CoreParts, row: DecisionRow): DecisionView {
  return {
    number: row.number,
    atMs: row.atMs,
    owner: row.owner,
    friend: ownerName(parts, row.owner),
    kind: row.kind,
    outcome: row.outcome,
    code: row.code ?? null,
    plot: row.plot ?? null,
    ground: row.ground ?? null,
    requestedBytes: row.requestedBytes === undefined ? null : `${row.requestedBytes}`,
    requestedS: row.requestedS ?? null,
    purpose: row.purpose ?? null,
    params: row.params,
    steps: row.steps,
  };
}
