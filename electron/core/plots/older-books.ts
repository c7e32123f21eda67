import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Async } from '../../../shared/async.ts';
import type { Moment } from '../../../shared/model/moment.ts';
import { jsonOf } from '../../../shared/wire/json.ts';
import { writeDurably } from '../database/durable-file.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PaperSeal } from './plot-paper.ts';
import { topFolder } from './volume.ts';

/**
 * Books that were brought back from an older copy don't know what has come since, what was renewed or sent again, nor which
 * words were taken back; whoever acted on them would take friends' data from them. So a mark lies on the volume with the
 * data: how far the service time had come in the books that last wrote there. Books that are behind it are older ones, or new
 * ones in the place of those that were lost. It is signed: what another device has left there says nothing about these.
 */
const FILE = 'books.json';
const DOMAIN = 'allotment-books-v1\n';
const mark = z.object({
  v: z.literal(1),
  serviceS: z.number().min(0),
  signature: z.string().max(200),
});

/** Only once the books themselves have come so far for sure. */
export async function writeBooksMark(
  folder: string,
  serviceS: number,
  seal: PaperSeal,
): Promise<void> {
  const signature = Buffer.from(seal.sign(signedBytes(serviceS))).toString('base64url');
  await writeDurably(booksMark(folder), `${JSON.stringify({ v: 1, serviceS, signature })}\n`);
}

function signedBytes(serviceS: number): Uint8Array {
  return Buffer.from(`${DOMAIN}${serviceS}`, 'utf8');
}

export function booksMark(folder: string): string {
  return join(topFolder(folder), FILE);
}

/** 'perhaps': the mark is no mark any more, so nobody knows. Throws what the disk says where it does not let it be read. */
export async function areBooksOlder(
  folder: string,
  serviceS: number,
  seal: PaperSeal,
): Promise<boolean | 'perhaps'> {
  const text = await readFile(booksMark(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  // None is there: then nothing speaks against the books.
  if (text === undefined) return false;
  const found = mark.safeParse(jsonOf(text)).data;
  // It was written whole, so the disk has lost it, or a newer version wrote it.
  if (found === undefined) return 'perhaps';
  if (found.serviceS <= serviceS) return false;
  return seal.verify(signedBytes(found.serviceS), Buffer.from(found.signature, 'base64url'));
}

/** As many come back from the trash in one transaction; nobody waits long for it. */
const BACK_AT_ONCE = 1000;

/**
 * Takes nothing that older books say of an end for true: what they have in the trash may have been sent again, what they
 * were about to take off the disk lies there for somebody, leases were renewed, releases and notices taken back. What was meant
 * to go is let go of once more by whoever wants it gone.
 */
export async function takeNothingForOver(
  ledger: Async<Ledger>,
  moment: () => Moment,
): Promise<void> {
  for (const { sizeBytes: _size, ...key } of (await ledger.unsettled()).removals)
    await ledger.removed({ ...key, moment: moment() });
  for (const { plot, owner } of await ledger.plots({ owner: undefined, moment: moment() })) {
    const what = { sinceS: moment().serviceS + 1 };
    for (let isMore = true; isMore; ) {
      const back = await ledger.restore({
        owner,
        plot,
        what,
        limit: BACK_AT_ONCE,
        moment: moment(),
      });
      isMore = back.ok && back.value.isMore;
    }
  }
  await ledger.leaseAnew({ moment: moment() });
}
