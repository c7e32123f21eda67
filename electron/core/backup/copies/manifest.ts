import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import { type Removal, type RemovableType, removableTypes } from './removals.ts';
import { jsonOf } from '../repository/key-file.ts';
import { PAPER_BYTES_MAX } from '../repository/repository-store.ts';
import { type MasterKey, seal, unseal } from '../repository/sealing.ts';

/**
 * What a writer leaves beside each copy: which state of the set it is, and what was removed lately. The writer himself has
 * all of it in his books; it is there for his other devices and for the machine that comes after this one. A friend can
 * hold back a newer one or bring back an older one, never make one up.
 */
export type Manifest = {
  readonly repository: string;
  /** The instance id of the installation. */
  readonly writer: string;
  readonly sequence: number;
  readonly atMs: number;
  /** When the newest backup was made; undefined: none yet. */
  readonly completeMs: number | undefined;
  readonly objects: number;
  readonly bytes: number;
  /** Removals up to this sequence are not listed any more. */
  readonly trimmed: number;
  readonly removals: readonly Removal[];
  /** Those that there should be; older versions say nothing of them. */
  readonly snapshots: readonly string[];
};

/** In a manifest: a megabyte and a half of names. */
export const MANIFEST_REMOVALS_MAX = 20_000;
/** Nobody keeps so many; of more than these some are known to their writer alone. */
const MANIFEST_SNAPSHOTS_MAX = 10_000;
const PLAIN_BYTES_MAX = 16 * 1024 * 1024;

const count = z.int().min(0);
const objectName = z.string().regex(/^[0-9a-f]{64}$/);
// What later versions add is nothing to this one.
const manifestFile = z.object({
  v: z.literal(1),
  kind: z.literal('manifest'),
  repository: objectName,
  writer: z.string().min(1).max(64),
  sequence: count.min(1),
  atMs: count,
  completeMs: count.nullable(),
  objects: count,
  bytes: count,
  trimmed: count,
  removed: z
    .array(
      z.strictObject({
        sequence: count.min(1),
        type: z.enum(removableTypes),
        names: z.array(objectName).max(MANIFEST_REMOVALS_MAX),
      }),
    )
    .max(MANIFEST_REMOVALS_MAX),
  snapshots: z.array(objectName).max(MANIFEST_SNAPSHOTS_MAX).default([]),
});

export function sealManifest(key: MasterKey, manifest: Manifest): Buffer {
  const { removals, trimmed } = newestOf(manifest);
  const content: z.input<typeof manifestFile> = {
    v: 1,
    kind: 'manifest',
    repository: manifest.repository,
    writer: manifest.writer,
    sequence: manifest.sequence,
    atMs: manifest.atMs,
    completeMs: manifest.completeMs ?? null,
    objects: manifest.objects,
    bytes: manifest.bytes,
    trimmed,
    removed: grouped(removals),
    snapshots: manifest.snapshots.slice(0, MANIFEST_SNAPSHOTS_MAX),
  };
  return seal(key, zstdCompressSync(Buffer.from(JSON.stringify(content))));
}

/** `undefined`: no manifest, or not sealed with this key. */
export function openManifest(key: MasterKey, sealed: Uint8Array): Manifest | undefined {
  if (sealed.length > PAPER_BYTES_MAX) return undefined;
  const packed = unseal(key, sealed);
  const text = packed && decompress(packed);
  const parsed = manifestFile.safeParse(text && jsonOf(text));
  if (!parsed.success) return undefined;
  const { removed, completeMs, ...said } = parsed.data;
  const removals = removed.flatMap(({ sequence: at, type, names }) =>
    names.map((name) => ({ sequence: at, type, name })),
  );
  return {
    repository: said.repository,
    writer: said.writer,
    sequence: said.sequence,
    atMs: said.atMs,
    completeMs: completeMs ?? undefined,
    objects: said.objects,
    bytes: said.bytes,
    trimmed: said.trimmed,
    removals,
    snapshots: said.snapshots,
  };
}

/** Which one it is, to be compared with the one that was seen last. */
export function paperOf({ writer, sequence }: Pick<Manifest, 'writer' | 'sequence'>): string {
  return `${writer} ${sequence}`;
}

/** The newest sequences that fit, each as a whole: half a list would pass for a whole one. */
function newestOf({ removals, trimmed }: Manifest): Pick<Manifest, 'removals' | 'trimmed'> {
  if (removals.length <= MANIFEST_REMOVALS_MAX) return { removals, trimmed };
  const counts = new Map<number, number>();
  for (const { sequence } of removals) counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
  let room = MANIFEST_REMOVALS_MAX;
  let from = Number.POSITIVE_INFINITY;
  let below = trimmed;
  for (const [sequence, many] of [...counts].sort(([one], [other]) => other - one)) {
    if (many > room) {
      below = sequence;
      break;
    }
    room -= many;
    from = sequence;
  }
  return { removals: removals.filter(({ sequence }) => sequence >= from), trimmed: below };
}

function grouped(
  removals: readonly Removal[],
): { sequence: number; type: RemovableType; names: string[] }[] {
  const groups = new Map<string, { sequence: number; type: RemovableType; names: string[] }>();
  for (const { sequence, type, name } of removals) {
    const group = groups.get(`${sequence} ${type}`);
    if (group === undefined) groups.set(`${sequence} ${type}`, { sequence, type, names: [name] });
    else group.names.push(name);
  }
  return [...groups.values()];
}

function decompress(packed: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: PLAIN_BYTES_MAX });
  } catch {
    return undefined;
  }
}
