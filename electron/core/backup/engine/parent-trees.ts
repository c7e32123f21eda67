import { hash } from 'node:crypto';
import {
  type Node,
  parseTree,
  quoteName,
  TEXT_BYTES_MAX,
  unquoteName,
} from '../repository/node.ts';
import { openBlob } from '../repository/pack.ts';
import type { Repository, RepositoryIndex } from '../repository/repository.ts';
import type { PackCache } from './pack-cache.ts';

/**
 * The trees of the backup before, as text. Most of a tree is as it was, and text that is as it was can be taken over
 * without being parsed: only nodes that look different are looked into.
 */
export type ParentTree = {
  readonly id: string;
  readonly text: string;
  /** The text of the entry with this name (as JSON); quickest if asked in the tree's own order. */
  readonly find: (name: string) => string | undefined;
};

export type ReadParent = (id: string) => Promise<ParentTree | undefined>;

/** Packs of trees are used one after the other; the latest is kept in memory. */
export function createParentReader(
  { store, key }: Repository,
  index: RepositoryIndex,
  cache: PackCache,
  textBytesMax = TEXT_BYTES_MAX,
): ReadParent {
  let latest: { readonly name: string; readonly bytes: Uint8Array } | undefined;

  async function packOf(name: string): Promise<Uint8Array | undefined> {
    if (latest?.name === name) return latest.bytes;
    let bytes = cache.read('data', name);
    if (bytes === undefined) {
      const loaded = await store.load({ type: 'data', name });
      if (!loaded.ok) return undefined;
      bytes = loaded.value;
      cache.keep('data', name, bytes);
    }
    latest = { name, bytes };
    return bytes;
  }

  return async (id) => {
    const place = index.blobs.get('tree', Buffer.from(id, 'hex'));
    const pack = place && index.packs[place.pack];
    if (place === undefined || pack === undefined) return undefined;
    const bytes = await packOf(pack.name);
    const sealed = bytes?.subarray(place.offset, place.offset + place.length);
    const plaintext = sealed && openBlob(key, sealed, place.plainLength);
    if (plaintext === undefined || hash('sha256', plaintext, 'hex') !== id) {
      // Nobody should find it damaged twice. Without it everything is read again: slower, and just as right.
      cache.forget('data', pack.name);
      latest = undefined;
      return undefined;
    }
    // Of a folder with so much in it everything is read again.
    return plaintext.length > textBytesMax ? undefined : parentTree(id, plaintext);
  };
}

const BEGIN = '{"nodes":[';
const BETWEEN = '},{"name":';

/** The nodes of a tree whose nodes begin with their name, as ours and restic's do. */
export function parentTree(id: string, plaintext: Buffer): ParentTree {
  const text = plaintext.toString('utf8');
  // In the text of a name or link a quote has a stroke before it; this can only be a list of attributes, whose parts
  // look like nodes. We write none; of another program such trees are rare enough to be parsed.
  if (text.includes('"extended_attributes":')) return parsedTree(id, plaintext, text);
  let at = text.startsWith(`${BEGIN}{"name":`) ? BEGIN.length : -1;
  let rest: Map<string, string> | undefined;

  function next(): string | undefined {
    if (at < 0 || at >= text.length) return undefined;
    const between = text.indexOf(BETWEEN, at);
    const end = between < 0 ? text.lastIndexOf(']}') : between + 1;
    const node = text.slice(at, end);
    at = between < 0 ? text.length : end + 1;
    return node;
  }

  function others(): Map<string, string> {
    const nodes = new Map<string, string>();
    for (let node = next(); node !== undefined; node = next()) {
      const name = nodeOf(node)?.name;
      if (name !== undefined) nodes.set(nameOf(name), node);
    }
    return nodes;
  }

  return {
    id,
    text,
    find: (name) => {
      const isNext = rest === undefined && at >= 0 && text.startsWith(`{"name":${name},`, at);
      if (isNext) return next();
      // Something came, went, or is written in another way: from here on by name.
      rest ??= others();
      return rest.get(name);
    },
  };
}

function parsedTree(id: string, plaintext: Buffer, text: string): ParentTree {
  const nodes = new Map(
    (parseTree(plaintext) ?? []).map((node) => [nameOf(node.name), JSON.stringify(node)]),
  );
  return { id, text, find: (name) => nodes.get(name) };
}

/** As we write it: Go escapes more than it must. */
function nameOf(quoted: string): string {
  const name = unquoteName(quoted);
  return JSON.stringify(name === undefined ? quoted : quoteName(name));
}

export function nodeOf(text: string): Node | undefined {
  return parseTree(Buffer.from(`${BEGIN}${text}]}`))?.[0];
}
