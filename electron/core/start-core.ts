import { join } from 'node:path';
import { asFailed, type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import { type Home, openConfig, openHome } from './config.ts';
import { type CoreOptions, portsOf } from './core-options.ts';
import { dropBallast, keepBallast } from './database/ballast.ts';
import { lockHome } from './database/home-lock.ts';
import { problemOf } from './database/open-database.ts';
import { openIdentity } from './identity/identity.ts';
import { faultOf, openBooks } from './open-books.ts';
import type { Logger } from './ports.ts';
import { asReplaced } from './replaced.ts';
import { compose } from './compose.ts';
import type { Core } from './core.ts';

export type { Core };

/** From a folder to a running core: what must be opened before the parts can meet, and in what order it is let go. */
export async function startCore(options: CoreOptions): Promise<Result<Core, Fault>> {
  const started = await startOnce(options, { isLight: false });
  const isFull = !started.ok && started.fault.code === 'disk-full';
  if (!isFull || !(await dropBallast(options.home))) return started;
  return startOnce(options, { isLight: true });
}

/** `isLight`: what lay there for a full disk was let go of. */
async function startOnce(
  options: CoreOptions,
  { isLight }: { readonly isLight: boolean },
): Promise<Result<Core, Fault>> {
  const opened = await openHome(options.home);
  if (!opened.ok) return opened;
  const locked = lock(options.home);
  if (!locked.ok) return locked;
  const { logger } = portsOf(options);
  const started = await orElse(
    () => startLocked(options, opened.value),
    locked.value.release,
    logger,
  );
  if (!started.ok) return started;
  const core = started.value;
  if (!isLight) await keepBallast(options.home, { isBack: false });
  let closing: Promise<void> | undefined;
  return ok({
    ...core,
    close: () => {
      // What the log took on a full disk is free again, and the next start may need it.
      closing ??= core
        .close()
        .then(() => keepBallast(options.home, { isBack: isLight }))
        .finally(locked.value.release);
      return closing;
    },
  });
}

/** A disk that can only be read, or a file that is somebody else's, is as little a bug here as it is with the books. */
function lock(home: string): Result<{ readonly release: () => void }, Fault> {
  const file = join(home, 'lock.sqlite');
  try {
    const locked = lockHome(file);
    return locked.ok ? locked : failed(fault('already-running', { home }));
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) throw error;
    return failed(faultOf(problem, file));
  }
}

/** What does not come about, by a fault or by an error, leaves nothing open behind it. */
async function orElse<T>(
  start: () => Promise<Result<T, Fault>>,
  undo: () => void | Promise<void>,
  logger: Logger,
): Promise<Result<T, Fault>> {
  try {
    const started = await start();
    if (!started.ok) await undo();
    return started;
  } catch (error) {
    await undo();
    // The disk with the books is full, or fails; or this program is another one by now.
    const none = asFailed(asReplaced(error));
    // Which file it was is of use to whoever is asked why it still does not start.
    logger.error('the start failed', { error: String(error) });
    return none;
  }
}

async function startLocked(options: CoreOptions, home: Home): Promise<Result<Core, Fault>> {
  const chosen = await openConfig(home, options);
  if (!chosen.ok) return chosen;
  const config = chosen.value;
  const ports = portsOf(options);
  const known = await openIdentity({
    secrets: ports.secrets,
    randomness: ports.randomness,
    phrase: options.phrase,
    replaces: options.replaces,
  });
  if (!known.ok) return known;
  const identity = known.value;
  const books = await openBooks({
    file: home.database,
    keyPem: identity.keyPem,
    issuer: { owner: identity.owner, device: identity.device },
    mark: join(home.folder, 'mint-mark.json'),
    accountMark: join(home.folder, 'account-mark.json'),
  });
  if (!books.ok) return books;
  const thread = books.value;
  return orElse(
    () => compose({ options, ports, home, config, identity, thread }),
    thread.close,
    ports.logger,
  );
}
