import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { plotClass } from '../../../shared/model/allocate.ts';
import { bytes, ownerId, plotId } from '../../../shared/model/ids.ts';
import { GROUND_KINDS } from '../../../shared/policy/grounds.ts';
import { writeDurably } from '../database/durable-file.ts';
import { readText, signText } from '../identity/signed-text.ts';
import type { PlotRow } from '../ledger/ledger.ts';
import { ensureFolder } from './object-file.ts';

/**
 * `plot.json` beside each repository: whose it is and how much was promised, signed by this device,
 * so that plots are found again after the database was lost (design §3.4).
 */
const DOMAIN = 'allotment-plot-v1\n';
export const PAPER_FILE = 'plot.json';

const envelope = z.strictObject({ signed: z.string().max(4096), signature: z.string().max(200) });
const paper = z.object({
  plot: plotId,
  owner: ownerId,
  ground: z.enum(GROUND_KINDS),
  class: plotClass,
  size: bytes,
  /** For how long the host keeps what its guest deletes; absent in older ones. */
  protectDays: z.int().min(0).max(365).optional(),
});
export type PlotPaper = z.infer<typeof paper>;

export type PaperSeal = {
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => boolean;
};

export async function writePaper(folder: string, row: PlotRow, seal: PaperSeal): Promise<void> {
  const { plot, owner, ground, sizeBytes: size, protectDays } = row;
  const said = { plot, owner, ground, class: row.class, size, protectDays };
  const content = signText(DOMAIN, said, seal.sign);
  await ensureFolder(folder, dirname(folder));
  await writeDurably(join(folder, PAPER_FILE), `${JSON.stringify(content)}\n`);
}

/** What this device wrote itself; `undefined` for anything else that lies there. */
export async function readPaper(folder: string, seal: PaperSeal): Promise<PlotPaper | undefined> {
  try {
    const text = await readFile(join(folder, PAPER_FILE), 'utf8');
    const found = envelope.safeParse(JSON.parse(text));
    if (!found.success) return undefined;
    const signed = Buffer.from(found.data.signed, 'base64url');
    if (!seal.verify(signed, Buffer.from(found.data.signature, 'base64url'))) return undefined;
    return readText(DOMAIN, signed, paper);
  } catch {
    return undefined;
  }
}
