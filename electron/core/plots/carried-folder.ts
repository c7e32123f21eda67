import { constants } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { OBJECT_NAME, type ObjectType } from '../../../shared/model/plot.ts';

/**
 * A repository in a folder on somebody's disk, in the layout of restic's local back end. What lies there is untrusted: names
 * are checked before they are paths, links and pipes are not followed, and nothing is taken for what its name says.
 */
export type CarriedObject = { readonly name: string; readonly sizeBytes: bigint };

const PART_NAME = /^[0-9a-f]{2}$/;
/** Enough for one disk to have something to do. */
const CARRIED_AT_ONCE = 4;

/** One after the other, however many there are. */
export async function* carriedObjects(
  folder: string,
  type: Exclude<ObjectType, 'config'>,
): AsyncGenerator<CarriedObject> {
  const top = join(folder, type);
  if (type !== 'data') {
    yield* objectsIn(top);
    return;
  }
  for await (const part of namesIn(top))
    if (PART_NAME.test(part))
      for await (const object of objectsIn(join(top, part)))
        if (object.name.startsWith(part)) yield object;
}

async function* objectsIn(folder: string): AsyncGenerator<CarriedObject> {
  for await (const name of namesIn(folder)) {
    const sizeBytes = OBJECT_NAME.test(name) ? await sizeOf(join(folder, name)) : undefined;
    if (sizeBytes !== undefined) yield { name, sizeBytes };
  }
}

async function* namesIn(folder: string): AsyncGenerator<string> {
  // A link to a folder of another disk's is not followed.
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) return;
  for await (const { name } of await opendir(folder)) yield name;
}

/** Of a file; `undefined` for everything else. */
export async function sizeOf(path: string): Promise<bigint | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  return found?.isFile() === true ? found.size : undefined;
}

/** A small file, whole; `undefined` if there is none, or more than that. */
export async function readSmall(path: string, mostBytes: number): Promise<Buffer | undefined> {
  const size = await sizeOf(path);
  if (size === undefined || size > BigInt(mostBytes)) return undefined;
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const bytes = Buffer.alloc(Number(size));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A few at a time; what one of them throws ends it, and when it has ended nothing goes on. */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const all = asAsync(items);
  const thrown: unknown[] = [];
  await Promise.all(
    Array.from({ length: CARRIED_AT_ONCE }, async () => {
      try {
        while (thrown.length === 0) {
          const next = await all.next();
          if (next.done === true || thrown.length > 0) return;
          await act(next.value);
        }
      } catch (error) {
        thrown.push(error);
      }
    }),
  );
  if (thrown.length > 0) throw thrown[0];
}

async function* asAsync<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, undefined> {
  yield* items;
  return undefined;
}
