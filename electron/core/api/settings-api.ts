import type { Api } from '../../../shared/contract/api.ts';
import type { ArgsOf } from '../../../shared/contract/contract.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import { parseAddress } from '../../../shared/address.ts';
import { folderFault } from '../config.ts';
import type { ConfigPatch } from '../config-file.ts';
import type { CoreParts } from './core-parts.ts';
import { settingsView } from './views.ts';

type SettingsApi = Pick<Api, 'settings.get' | 'settings.set' | 'pause.set' | 'notices.dismiss'>;

/** What the owner chooses for this installation, the pause, and what he has taken note of. */
export function settingsApi(parts: CoreParts): SettingsApi {
  const { config, home, notices, pause } = parts;
  return {
    'settings.get': async () => ok(settingsView(parts)),
    'settings.set': async (wish) => {
      const { outsideAddress = '' } = wish;
      // Friends are told of it, and would call there in vain.
      if (outsideAddress !== '' && parseAddress(outsideAddress) === undefined)
        return failed(fault('bad-address', { address: outsideAddress }));
      try {
        await config.set(patchOf(wish));
        return ok(settingsView(parts));
      } catch (error) {
        return failed(folderFault(error, home.folder));
      }
    },
    'notices.dismiss': async ({ id }) => ok({ dismissed: await notices.dismiss(id) }),
    'pause.set': async ({ until }) => ok({ untilMs: await pause.set(until) }),
  };
}

function patchOf({ name, ...settings }: ArgsOf<'settings.set'>): ConfigPatch {
  return { settings, ...(name === undefined ? {} : { name }) };
}
