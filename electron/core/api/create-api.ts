import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Api } from '../../../shared/contract/api.ts';
import type { AppSnapshot, Revisioned } from '../../../shared/contract/views.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import { folderFault } from '../config.ts';
import { backupApi } from './sets/backup-api.ts';
import { carryApi } from './plots/carry-api.ts';
import { barterApi } from './barter-api.ts';
import type { CoreParts } from './core-parts.ts';
import { friendsApi } from './friends/friends-api.ts';
import { householdApi } from './household-api.ts';
import { offerApi } from './plots/offer-api.ts';
import { plotsApi } from './plots/plots-api.ts';
import { readingApi } from './sets/reading-api.ts';
import { recoveryApi } from './sets/recovery-api.ts';
import { setsApi } from './sets/sets-api.ts';
import { settingsApi } from './settings-api.ts';
import { upkeepApi } from './plots/upkeep-api.ts';
import { offerView, statusView } from './views.ts';
import { vouchersApi } from './vouchers-api.ts';

/** One function per channel of the contract (`shared/contract/contract.ts`). */
export function createApi(
  parts: CoreParts,
  snapshot: () => Promise<Revisioned & AppSnapshot>,
): Api {
  const { identity } = parts;
  return {
    'state.snapshot': async () => ok(await snapshot()),
    'status.get': async () => {
      const [status, offer] = await Promise.all([statusView(parts), offerView(parts)]);
      return ok({ ...status, offer });
    },
    ...offerApi(parts),
    ...settingsApi(parts),
    ...friendsApi(parts),
    ...plotsApi(parts),
    ...backupApi(parts),
    ...setsApi(parts),
    ...readingApi(parts),
    ...recoveryApi(parts),
    ...carryApi(parts),
    ...householdApi(parts),
    ...barterApi(parts),
    ...vouchersApi(parts),
    ...upkeepApi(parts),
    'folders.list': async ({ folder }) => {
      const path = folder === '' ? homedir() : resolve(folder);
      try {
        const entries = await readdir(path, { withFileTypes: true });
        const folders = entries
          .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
          .map((entry) => entry.name)
          .sort((one, other) => one.localeCompare(other));
        const parent = dirname(path);
        return ok({ folder: path, parent: parent === path ? null : parent, folders });
      } catch (error) {
        return failed(folderFault(error, path));
      }
    },
    'phrase.show': async () =>
      ok({ words: identity.pendingPhrase() ?? null, instance: identity.instance }),
    'phrase.check': async ({ words }) =>
      (await identity.checkPhrase(words))
        ? ok({ saved: true })
        : failed(fault('bad-phrase', { problem: 'differs' })),
  };
}
