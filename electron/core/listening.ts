import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import type { ConfigFile } from './config-file.ts';
import type { Logger } from './ports.ts';
import type { PeerServer } from './server/peer-server.ts';

/**
 * Begins to listen for friends when there is a reason to, and only then: that is the moment when a
 * firewall asks, and the person should know why (design §5). Once begun it goes on to the end.
 */
export type Listening = {
  readonly begin: () => Promise<Begun>;
  /** At the start, which waits for nobody who is being asked: it listens once there is an answer. `undefined`: that is to come. */
  readonly beginAtStart: () => Promise<Begun | undefined>;
  /** An answer that comes after this begins nothing: nobody would be there any more to close it. */
  readonly close: () => void;
};

type Begun = Result<{ readonly port: number }, Fault>;

/** What the system wants a person to be asked first; `undefined`: nothing. Neither ever rejects. */
export type BeforeListening = () => Promise<{ readonly answered: Promise<void> } | undefined>;

export function createListening({
  server,
  config,
  host,
  before,
  onBegun,
  logger,
}: {
  readonly server: PeerServer;
  readonly config: ConfigFile;
  readonly host: string;
  readonly before: BeforeListening;
  readonly onBegun: () => void;
  readonly logger: Logger;
}): Listening {
  let begun: Promise<Begun> | undefined;
  const asked = Promise.withResolvers<undefined>();
  let isClosed = false;

  async function beginFirst(): Promise<Begun> {
    const { port } = config.get();
    // It may listen already, where only the port could not be written down the last time.
    const open = server.port();
    const asking = open === undefined ? await before() : undefined;
    if (asking !== undefined) asked.resolve(undefined);
    await asking?.answered;
    if (isClosed) return failed(fault('not-running'));
    const listening = open === undefined ? await server.listen({ host, port }) : ok({ port: open });
    if (!listening.ok) return listening;
    if (port !== listening.value.port) await config.set({ port: listening.value.port });
    onBegun();
    return ok(listening.value);
  }

  async function begin(): Promise<Begun> {
    begun ??= beginFirst().then(
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
  }

  return {
    begin,
    beginAtStart: async () => {
      const beginning = begin();
      const first = await Promise.race([beginning, asked.promise]);
      if (first === undefined)
        beginning.then(
          (late) => {
            if (!late.ok && !isClosed)
              logger.warn('nobody can call this device', { fault: late.fault });
          },
          (error: unknown) => logger.warn('nobody can call this device', { error: String(error) }),
        );
      return first;
    },
    close: () => {
      isClosed = true;
    },
  };
}
