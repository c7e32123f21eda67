import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Fault, fault } from '../../../shared/fault.ts';
import type { PlotId } from '../../../shared/ids.ts';
import { failed, ok, type Result } from '../../../shared/result.ts';
import { dropStrays, flushFolder, makeMissing, writeDurably } from '../database/durable-file.ts';
import type { Offer } from '../ledger/ledger.ts';
import { placeFault } from './offer-place.ts';

/**
 * Where plots lie on the owner's disk:
 *
 *     <folder>/allotment/volume.json              the marker: no marker, no volume
 *     <folder>/allotment/plots/<id>/plot.json     signed: whose it is
 *     <folder>/allotment/plots/<id>/repository/   a restic repository, readable by stock restic
 *     <folder>/allotment/plots/<id>/incoming/     uploads under way
 *     <folder>/allotment/plots/<id>/papers/       what sealed papers were before, in a protected plot
 *     <folder>/allotment/books.json               signed: how far the books had come (`older-books.ts`)
 */
const TOP = 'allotment';
const MARKER = 'volume.json';
const marker = z.object({ v: z.literal(1), volume: z.string().regex(/^[0-9a-f]{32}$/) });

/** Everything of ours on the owner's disk, and nothing else. */
export function topFolder(folder: string): string {
  return join(folder, TOP);
}

/** Friends' plots and our own books: they belong into no backup of ours, which would feed on itself. */
export function ownFolders(home: string, offer: Pick<Offer, 'folder'> | undefined): string[] {
  return offer === undefined ? [home] : [home, topFolder(offer.folder)];
}

export function plotsFolder(folder: string): string {
  return join(folder, TOP, 'plots');
}

export function plotFolder(folder: string, plot: PlotId): string {
  return join(plotsFolder(folder), plot);
}

/** Makes the folder ready to hold plots, or finds that it is; answers its volume's id. `lost`: what it was, where only its marker is gone. */
export async function prepareVolume(
  folder: string,
  lost?: string,
): Promise<Result<{ readonly volume: string }, Fault>> {
  try {
    if (!(await stat(folder)).isDirectory()) return failed(fault('not-a-folder', { folder }));
    const known = await readMarker(folder);
    await tidyVolume(folder);
    await makeMissing(plotsFolder(folder));
    const volume = known ?? lost ?? randomBytes(16).toString('hex');
    // Written also when it is there: that is how a read-only disk shows.
    await writeDurably(join(folder, TOP, MARKER), `${JSON.stringify({ v: 1, volume })}\n`);
    await flushFolder(folder);
    return ok({ volume });
  } catch (error) {
    return failed(placeFault(error, folder));
  }
}

/** Drops what a crash left of an earlier try to write the marker. */
export function tidyVolume(folder: string): Promise<void> {
  return dropStrays(join(folder, TOP, MARKER));
}

/** Whether the volume with this id is there now. An empty mount point has no marker. */
export async function isVolumePresent(folder: string, volume: string): Promise<boolean> {
  return (await readMarker(folder)) === volume;
}

/** The id of the volume that is there now. */
export function volumeOf(folder: string): Promise<string | undefined> {
  return readMarker(folder);
}

async function readMarker(folder: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(folder, TOP, MARKER), 'utf8');
    return marker.safeParse(JSON.parse(text)).data?.volume;
  } catch {
    // Missing, unreadable or damaged all mean the same: these plots can't be served from here now.
    return undefined;
  }
}
