import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { choosePort } from '../core/config.ts';
import type { CoreOptions } from '../core/core-options.ts';
import { keepCore, type KeptCore } from '../core/keep-core.ts';
import { startControlServer } from './control-server.ts';
import { openWebMemory } from './web-memory.ts';
import { startWebServer } from './web-server.ts';
import { VERSION } from './version.ts';

/** The core with its two doors, until it is told to stop. */
export type Served = {
  readonly core: KeptCore;
  readonly ready: { readonly device: string; readonly port: number; readonly web: string };
  readonly close: () => Promise<void>;
};

export type ServeOptions = {
  readonly home: string;
  readonly name?: string | undefined;
  readonly port?: number | undefined;
  /** 0: any free port, kept from then on. */
  readonly webPort?: number | undefined;
  readonly phrase?: string | undefined;
  /** With the words: the installation whose place this one takes. */
  readonly replaces?: string | undefined;
  /** Where friends may come from; all networks unless said otherwise. */
  readonly host?: string | undefined;
  /** In place of the machine's own: tests bring a disk of the size they need. */
  readonly ports?: CoreOptions['ports'];
};

/** The built window. */
export const RENDERER = join(fileURLToPath(new URL('../..', import.meta.url)), 'out', 'renderer');

export async function serve(options: ServeOptions): Promise<Result<Served, Fault>> {
  const { home, name, port, phrase, replaces, host, ports } = options;
  const wishes = { home, name, port, phrase, replaces, host, ports };
  const started = await keepCore({ ...wishes, machine: 'server', version: VERSION });
  if (!started.ok) return started;
  const core = started.value;
  const memory = await openWebMemory({ home, nowMs: () => Date.now() });
  const web = await startWebServer({
    api: core.api,
    events: core.events,
    folder: RENDERER,
    ports: webPorts(options.webPort, memory.port()),
    memory,
  });
  if (!web.ok) {
    await core.close();
    return failed(web.fault);
  }
  // Another one for once, because the kept one was taken, is not kept: the next start tries that again.
  if (options.webPort !== undefined || memory.port() === undefined)
    await memory.keepPort(web.value.port);
  try {
    const control = await startControlServer({ home, api: core.api, webLink: web.value.link });
    return ok({
      core,
      ready: { ...core.info(), web: web.value.link() },
      close: async () => {
        await control.close();
        await web.value.close();
        await core.close();
      },
    });
  } catch {
    await web.value.close();
    await core.close();
    return failed(fault('folder-unreadable', { folder: home }));
  }
}

/** A wish is a wish; else the one that open tabs know, or a first choice, and any free one if that is taken. */
function webPorts(wish: number | undefined, known: number | undefined): readonly number[] {
  return wish === undefined ? [known ?? choosePort(), 0] : [wish];
}
