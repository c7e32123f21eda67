import type { KeptCore } from '../core/keep-core.ts';
import type { Logger } from '../core/ports.ts';
import { startControlServer } from '../headless/control-server.ts';

/**
 * The command line's door into the app that runs, the same that `serve` opens. It closes before the core.
 * A system that has no place for it (somebody else's folder in the way) costs the command line only.
 */
export async function openControlDoor({
  home,
  core,
  log,
}: {
  readonly home: string;
  readonly core: KeptCore;
  readonly log: Logger;
}): Promise<KeptCore> {
  try {
    // The window is the app's own; no page of a browser gets in beside it (design §7).
    const door = await startControlServer({ home, api: core.api, webLink: () => null });
    return {
      ...core,
      close: async () => {
        await door.close();
        await core.close();
      },
    };
  } catch (error) {
    log.error('there is no command line', { error: String(error) });
    return core;
  }
}
