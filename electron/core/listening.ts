import type { Fault } from '../../shared/fault.ts';
import { ok, type Result } from '../../shared/result.ts';
import type { ConfigFile } from './config-file.ts';
import type { PeerServer } from './server/peer-server.ts';

/**
 * Begins to listen for friends when there is a reason to, and only then: that is the moment when a
 * firewall asks, and the person should know why (design §5). Once begun it goes on to the end.
 */
export type Listening = { readonly begin: () => Promise<Result<{ readonly port: number }, Fault>> };

export function createListening({
  server,
  config,
  host,
  before,
  onBegun,
}: {
  readonly server: PeerServer;
  readonly config: ConfigFile;
  readonly host: string;
  /** What the system wants to be asked first; it never rejects. */
  readonly before: () => Promise<void>;
  readonly onBegun: () => void;
}): Listening {
  let begun: Promise<Result<{ readonly port: number }, Fault>> | undefined;

  async function begin(): Promise<Result<{ readonly port: number }, Fault>> {
    const { port } = config.get();
    // It may listen already, where only the port could not be written down the last time.
    const open = server.port();
    if (open === undefined) await before();
    const listening = open === undefined ? await server.listen({ host, port }) : ok({ port: open });
    if (!listening.ok) return listening;
    if (port !== listening.value.port) await config.set({ port: listening.value.port });
    onBegun();
    return ok(listening.value);
  }

  return {
    begin: async () => {
      begun ??= begin().then(
        (listening) => {
          // Whatever holds the port may be gone when somebody tries again.
          if (!listening.ok) begun = undefined;
          return listening;
        },
        (error: unknown) => {
          begun = undefined;
          throw error;
        },
      );
      return begun;
    },
  };
}
