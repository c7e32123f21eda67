import type { Api } from '../../../shared/contract/api.ts';
import type { ArgsOf } from '../../../shared/contract/contract.ts';
import { fault } from '../../../shared/fault.ts';
import { failed, ok } from '../../../shared/result.ts';
import { parseAddress } from '../../../shared/address.ts';
import { folderFault } from '../config.ts';
import type { Config } from '../config-file.ts';
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
        await config.set(patchOf(wish, config.get()));
        return ok(settingsView(parts));
      } catch (error) {
        return failed(folderFault(error, home.folder));
      }
    },
    'notices.dismiss': async ({ id }) => ok({ dismissed: await notices.dismiss(id) }),
    'pause.set': async ({ until }) => ok({ untilMs: await pause.set(until) }),
  };
}

function patchOf({ name, ...rest }: ArgsOf<'settings.set'>, before: Config): Partial<Config> {
  const chosen = Object.entries(rest).filter(([, value]) => value !== undefined);
  const settings = { ...before.settings, ...Object.fromEntries(chosen) };
  return { settings, ...(name === undefined ? {} : { name }) };
}
