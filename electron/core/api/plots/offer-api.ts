import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Api } from '../../../../shared/contract/api.ts';
import { fault } from '../../../../shared/fault.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { nameOf } from '../../friends/friend-registry.ts';
import type { CoreParts } from '../core-parts.ts';
import { offerView } from '../views.ts';

type OfferApi = Pick<Api, 'offer.look' | 'offer.set' | 'shares.preview' | 'usage.history'>;

/** Where it would lie if the owner has no wish of his own. */
const FOLDER = 'Allotment';

/** The owner's own space: where, how much, what that would mean, and how it has been used. */
export function offerApi(parts: CoreParts): OfferApi {
  const { friends, hosting, ledger, usage, moment } = parts;
  return {
    'offer.look': async ({ folder }) => {
      const path = folder === '' ? join(homedir(), FOLDER) : resolve(folder);
      const looked = await hosting.look(path);
      if (!looked.ok) return looked;
      const { exists, freeBytes, totalBytes, mostBytes, suggestedBytes, keepFreeBytes } =
        looked.value;
      return ok({
        folder: path,
        exists,
        freeBytes: `${freeBytes}`,
        diskBytes: `${totalBytes}`,
        mostBytes: `${mostBytes}`,
        suggestedBytes: `${suggestedBytes}`,
        keepFreeBytes: `${keepFreeBytes}`,
      });
    },
    'offer.set': async (wish) => {
      const set = await hosting.setOffer({ ...wish, folder: resolve(wish.folder) });
      if (!set.ok) return set;
      const begun = await parts.listening.begin();
      if (!begun.ok) return begun;
      const view = await offerView(parts);
      return view === null ? failed(fault('volume-missing', { folder: wish.folder })) : ok(view);
    },
    'shares.preview': async ({ friend, policy, offerBytes }) => {
      const found = friend === undefined ? undefined : friends.find(friend);
      if (found?.ok === false) return found;
      const disk = await hosting.disk();
      const owner = found?.value.owner;
      const rows = await ledger.preview({ owner, policy, offerBytes, disk });
      return ok(
        rows.map((row) => {
          const known = friends.person(row.owner);
          return {
            owner: row.owner,
            name: known === undefined ? row.owner.slice(0, 8) : nameOf(known),
            promisedBytes: `${row.promisedBytes}`,
            shareBytes: textOf(row.shareBytes),
            mayAskBytes: `${row.mayAskBytes}`,
            presentShareBytes: textOf(row.presentShareBytes),
            lentBytes: `${row.lentBytes}`,
            mayBorrowBytes: `${row.mayBorrowBytes}`,
          };
        }),
      );
    },
    'usage.history': async ({ friend, sinceMs }) => {
      const found = friend === undefined ? undefined : friends.findEver(friend);
      if (found?.ok === false) return found;
      const disk = await hosting.disk();
      const owner = found?.value.owner;
      const samples = await usage.history({ owner, sinceMs, moment: moment(), disk });
      return ok(
        samples.map(({ atMs, writtenBytes, promisedBytes, limitBytes }) => ({
          atMs,
          writtenBytes: `${writtenBytes}`,
          promisedBytes: `${promisedBytes}`,
          limitBytes: textOf(limitBytes),
        })),
      );
    },
  };
}

function textOf(bytes: bigint | undefined): string | null {
  return bytes === undefined ? null : `${bytes}`;
}
