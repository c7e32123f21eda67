import { hkdfSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type AddressBook,
  openBook,
  sealBook,
} from '../../electron/core/backup/recovery/address-book.ts';
import { openManifest, sealManifest } from '../../electron/core/backup/copies/manifest.ts';
import { createFolderRepositoryStore } from '../../electron/core/backup/repository/folder-repository-store.ts';
import { openRepository } from '../../electron/core/backup/repository/repository.ts';
import { createDeviceKey } from '../../electron/core/identity/device-key.ts';
import { readStatement } from '../../electron/core/identity/statement.ts';
import type { TestHome } from './homes.ts';
import { statementOf } from './man-in-the-middle.ts';
import { keysOf, type Raw, type RawAnswer, send } from './raw-friend.ts';

/**
 * Somebody with an unlocked laptop: its device's key, and the password of its repositories, with which the seals of papers
 * are made. The root that signs devices is not on it.
 */
export type Thief = {
  readonly ask: (host: TestHome, raw: Raw & { readonly json?: object }) => Promise<RawAnswer>;
  /** What lies at that host's, as the thief sees it too. */
  readonly bookAt: (disk: string) => Promise<AddressBook>;
  /** Leaves an address book there instead of what lies there. */
  readonly leaveBook: (host: TestHome, plot: string, book: AddressBook) => Promise<void>;
  /** Leaves a manifest there that says that every object was removed. */
  readonly leaveManifest: (host: TestHome, plot: string, disk: string) => Promise<void>;
  readonly mallory: AddressBook['friends'][number];
};

export async function stealLaptop(laptop: TestHome, name: string): Promise<Thief> {
  const keys = await keysOf(laptop, name);
  const file = join(laptop.folder, `home of ${name}`, 'secrets', 'identity');
  const { repositoryPassword } = JSON.parse(await readFile(file, 'utf8')) as {
    repositoryPassword: string;
  };
  const info = 'allotment address book v1';
  const key = new Uint8Array(hkdfSync('sha256', repositoryPassword, 'allotment', info, 32));

  const ask: Thief['ask'] = (host, { json, ...raw }) =>
    send(
      host,
      keys,
      json === undefined ? raw : { ...raw, body: JSON.stringify({ v: 1, ...json }) },
    );

  async function leave(host: TestHome, path: string, body: Uint8Array): Promise<void> {
    const { status } = await ask(host, { method: 'PUT', path, body: Buffer.from(body) });
    if (status !== 200) throw new Error(`not left: ${status}`);
  }

  return {
    ask,
    mallory: await someFriend('Mallory'),
    bookAt: async (disk) => {
      const opened = openBook(key, await readFile(await paperAt(disk, 'address-book')));
      if (!opened.ok) throw new Error(opened.fault);
      return opened.value;
    },
    leaveBook: (host, plot, book) =>
      leave(host, `/v1/plots/${plot}/papers/address-book`, sealBook(key, book)),
    leaveManifest: async (host, plot, disk) => {
      const path = await paperAt(disk, 'manifest');
      const store = createFolderRepositoryStore(dirname(path));
      const opened = await openRepository(store, repositoryPassword);
      if (!opened.ok) throw new Error(opened.fault.code);
      const manifest = openManifest(opened.value.key, await readFile(path));
      if (manifest === undefined) throw new Error('no manifest');
      const sequence = 1_000_000;
      const lists = await Promise.all(
        (['snapshots', 'index', 'data'] as const).map(async (type) => {
          const listed = await store.list(type);
          return (listed.ok ? listed.value : []).map(({ name: object }) => ({
            sequence,
            type,
            name: object,
          }));
        }),
      );
      const forged = { ...manifest, sequence, trimmed: 0, removals: lists.flat() };
      const sealed = sealManifest(opened.value.key, forged);
      await leave(host, `/v1/plots/${plot}/papers/manifest`, sealed);
    },
  };
}

async function paperAt(disk: string, name: string): Promise<string> {
  const found = await readdir(disk, { recursive: true });
  const file = found.find((each) => each.endsWith(`allotment-${name}`));
  if (file === undefined) throw new Error(`no ${name} in ${disk}`);
  return join(disk, file);
}

/** With keys and a root of his own, so that all that is said of him is signed. */
async function someFriend(name: string): Promise<AddressBook['friends'][number]> {
  const key = await createDeviceKey();
  const signed = statementOf(key);
  const statement = readStatement(signed);
  if (statement === undefined) throw new Error('not signed');
  const { owner, device } = statement;
  const addresses = ['127.0.0.1:9'];
  return {
    owner,
    relation: 'friend',
    name,
    petName: null,
    givenAddress: null,
    blocked: false,
    devices: [{ device, name: null, kind: 'desktop', signed, addresses }],
  };
}
