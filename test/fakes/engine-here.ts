import { createHash, scryptSync } from 'node:crypto';
import type {
  EngineFault,
  EngineJob,
  EngineProblem,
  EngineSummary,
} from '../../electron/core/backup/engine/engine.ts';
import type { EngineProgress } from '../../electron/core/backup/engine/jobs.ts';
import type { PackCache } from '../../electron/core/backup/engine/pack-cache.ts';
import { runEngineJob } from '../../electron/core/backup/engine/run-engine-job.ts';
import { createShelf, type Shelf } from '../../electron/core/backup/engine/shelf.ts';
import { PACK_BYTES } from '../../electron/core/backup/repository/pack.ts';
import { newPolynomial } from '../../electron/core/backup/repository/polynomial.ts';
import type { RepositoryStore } from '../../electron/core/backup/repository/repository-store.ts';
import {
  type MasterKey,
  newMasterKey,
  seal,
} from '../../electron/core/backup/repository/sealing.ts';
import { failed, type Result } from '../../shared/result.ts';

/** The real engine without threads, on a repository that is open already: thousands of jobs fit into a test. */
export type EngineHere = {
  readonly run: (
    job: EngineJob,
    store: RepositoryStore,
    tools: {
      readonly signal?: AbortSignal;
      readonly problem?: (problem: EngineProblem) => void;
      readonly progress?: (progress: EngineProgress) => void;
      readonly cache?: PackCache;
    },
  ) => Promise<Result<EngineSummary, EngineFault>>;
};

export type OpenHere = { readonly key: MasterKey; readonly id: string };

export const NO_CACHE: PackCache = {
  read: () => undefined,
  keep: () => undefined,
  forget: () => undefined,
  retain: () => undefined,
};

export function createEngineHere(repository: OpenHere): EngineHere {
  const shelf = createShelf();
  return {
    run: async (job, store, { signal = new AbortController().signal, cache, ...told }) => {
      const { problem = () => undefined, progress = () => undefined } = told;
      const config = await store.load({ type: 'config', name: '' }, { signal });
      if (!config.ok)
        return config.fault.code === 'not-found' ? failed({ code: 'no-repository' }) : config;
      return runEngineJob(job, {
        repository: { ...repository, store: givesBack(store, shelf) },
        cache: cache ?? NO_CACHE,
        tools: { signal, progress, problem },
        threads: 0,
        spare: shelf.take,
        lockWaitMs: 0,
      });
    },
  };
}

/**
 * What has arrived is filled again, as by the engine's threads: each job of a few kilobytes would take new memory for whole
 * packs, for which Node looks through the whole program after every third of them.
 */
function givesBack(store: RepositoryStore, shelf: Shelf): RepositoryStore {
  return {
    ...store,
    save: async (object, chunks, options) => {
      const saved = await store.save(object, chunks, options);
      if (!saved.ok) return saved;
      for (const { buffer } of chunks)
        if (buffer instanceof ArrayBuffer && buffer.byteLength >= PACK_BYTES)
          shelf.put(new Uint8Array(buffer));
      return saved;
    },
  };
}

/** A repository of the real format whose password costs next to nothing, as objects by "type/name". */
export function makeCheapRepository(
  password: string,
): OpenHere & { readonly objects: ReadonlyMap<string, Uint8Array> } {
  const cost = { N: 16, r: 8, p: 1 };
  const key = newMasterKey();
  const salt = Buffer.alloc(64, 7);
  const derived = scryptSync(password, salt, 64, cost);
  const user = {
    encrypt: derived.subarray(0, 32),
    macK: derived.subarray(32, 48),
    macR: derived.subarray(48),
  };
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const master = { mac: { k: text(key.macK), r: text(key.macR) }, encrypt: text(key.encrypt) };
  const keyFile = Buffer.from(
    JSON.stringify({
      created: new Date().toISOString(),
      username: 'test',
      hostname: 'test',
      kdf: 'scrypt',
      ...cost,
      salt: text(salt),
      data: text(seal(user, Buffer.from(JSON.stringify(master)))),
    }),
  );
  const id = createHash('sha256').update(salt).update(key.encrypt).digest('hex');
  const config = { version: 2, id, chunker_polynomial: newPolynomial() };
  return {
    key,
    id,
    objects: new Map([
      [`keys/${createHash('sha256').update(keyFile).digest('hex')}`, keyFile],
      ['config/', seal(key, Buffer.from(JSON.stringify(config)))],
    ]),
  };
}
