import { createHash, X509Certificate } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { readTicket } from '../../../electron/core/accounts/ticket.ts';
import {
  openBook,
  readBookText,
  sealBook,
} from '../../../electron/core/backup/recovery/address-book.ts';
import { openManifest } from '../../../electron/core/backup/copies/manifest.ts';
import { seal } from '../../../electron/core/backup/repository/sealing.ts';
import { readNote, writeNote } from '../../../electron/core/barter/notes.ts';
import { rootKeyOf } from '../../../electron/core/identity/root-key.ts';
import { readStatement } from '../../../electron/core/identity/statement.ts';
import { readIntroduction } from '../../../electron/core/vouchers/introduction-text.ts';
import { readChain, readVoucher } from '../../../electron/core/vouchers/voucher.ts';
import type { DeviceId } from '../../../shared/ids.ts';
import { makePerson, newVoucherId, vouch } from '../../fakes/people.ts';
import { insist, json, type Target, text } from '../target.ts';

/** Papers that come from friends, by mail, or from a disk. Each is tried with and without a right signature or seal. */
const key = {
  encrypt: Buffer.alloc(32, 1),
  macK: Buffer.alloc(16, 2),
  macR: Buffer.alloc(16, 3),
};
const HEX = 'ab'.repeat(32);

export const manifest: Target = {
  name: 'manifest',
  kind: 'json',
  words: ['manifest', 'removed', 'sequence', 'trimmed', HEX],
  cases: 40_000,
  casesInCi: 800,
  guided: true,
  open: async () => ({
    seeds: [
      json({
        v: 1,
        kind: 'manifest',
        repository: HEX,
        writer: 'ab'.repeat(16),
        sequence: 7,
        atMs: 1,
        completeMs: null,
        objects: 3,
        bytes: 4,
        trimmed: 0,
        removed: [{ sequence: 6, type: 'data', names: [HEX] }],
      }),
    ],
    run: (input) => {
      openManifest(key, seal(key, zstdCompressSync(input)));
      insist(openManifest(key, input) === undefined, 'a manifest that nobody sealed');
    },
    close: () => undefined,
  }),
};

export const addressBook: Target = {
  name: 'address-book',
  kind: 'json',
  words: ['friends', 'devices', 'addresses', 'plots', 'sets', 'plan', 'before', 'sequence'],
  cases: 40_000,
  casesInCi: 800,
  guided: true,
  open: async () => {
    const person = await makePerson();
    const bookKey = Buffer.alloc(32, 7);
    const book = {
      v: 1,
      owner: person.owner,
      instance: 'ab'.repeat(16),
      before: ['cd'.repeat(16)],
      sequence: 7,
      atMs: 1_790_000_000_000,
      host: 'Laptop',
      friends: [
        {
          owner: person.owner,
          relation: 'friend',
          name: 'Ben',
          petName: null,
          givenAddress: '127.0.0.1:9',
          blocked: false,
          devices: [
            {
              device: person.device.statement.device,
              name: null,
              kind: 'desktop',
              signed: person.device.signed,
              addresses: ['127.0.0.1:9'],
            },
          ],
        },
      ],
      plots: [
        {
          plot: 'a'.repeat(26),
          host: person.owner,
          class: 'guaranteed',
          size: '9007199254740993',
          untilMs: 5,
          graceS: 6,
          set: 'Documents',
        },
      ],
      sets: [
        {
          name: 'Documents',
          folders: ['/home/ana'],
          hosts: [person.owner],
          plan: null,
          repository: HEX,
          sequence: 1,
        },
      ],
    };
    return {
      seeds: [json(book)],
      run: (input) => {
        const read = readBookText(Buffer.from(input).toString('utf8'));
        insist(!openBook(bookKey, input).ok, 'a book that nobody sealed');
        if (read === undefined) return;
        const again = openBook(bookKey, sealBook(bookKey, read));
        insist(again.ok || json(read).length > 900_000, 'a book that can’t be read again');
      },
      close: () => undefined,
    };
  },
};

const NOW_MS = 1_800_000_000_000;

export const voucher: Target = {
  name: 'voucher',
  kind: 'json',
  words: [
    'host',
    'introducer',
    'newcomer',
    'bytes',
    'untilMs',
    'delegable',
    'parent',
    '9'.repeat(25),
  ],
  cases: 15_000,
  casesInCi: 250,
  guided: true,
  open: async () => {
    const [host, ana, ben] = [await makePerson(), await makePerson(), await makePerson()];
    const good = {
      host: host.owner,
      introducer: ana.owner,
      newcomer: ben.owner,
      bytes: 10_000_000_000n,
      untilMs: NOW_MS + 1_000_000,
      id: newVoucherId(),
      delegable: true,
    };
    const certificate = new X509Certificate(ana.device.certificatePem);
    const spki = certificate.publicKey.export({ format: 'der', type: 'spki' });
    /** His device signs whatever he wants; only what a voucher must be is asked of it. */
    const signed = (body: Uint8Array) => {
      const bytes = Buffer.concat([text('allotment-voucher-v1\n'), body]);
      return json({
        signed: bytes.toString('base64url'),
        signature: Buffer.from(ana.device.sign(bytes)).toString('base64url'),
        key: spki.toString('base64url'),
        statement: ana.device.signed,
      }).toString('base64url');
    };
    return {
      seeds: [
        json({ v: 1, ...good }),
        text(vouch(good, ana.device)),
        Buffer.from(vouch(good, ana.device), 'base64url'),
      ],
      run: (input) => {
        const link = readVoucher(signed(input));
        insist(link === undefined || link.introducer === ana.owner, 'a voucher in another’s name');
        insist(link === undefined || link.bytes > 0n, 'a voucher for nothing');
        const raw = Buffer.from(input).toString('utf8');
        for (const chain of [
          [raw],
          [Buffer.from(input).toString('base64url')],
          [signed(input), raw],
        ])
          readChain(chain, { host: host.owner, newcomer: ben.owner, nowMs: NOW_MS });
      },
      close: () => undefined,
    };
  },
};

export const introduction: Target = {
  name: 'introduction',
  kind: 'json',
  words: ['host', 'devices', 'addresses', 'chain', 'by'],
  cases: 80_000,
  casesInCi: 800,
  guided: true,
  open: async () => ({
    seeds: [
      json({
        v: 1,
        host: {
          owner: `${'b'.repeat(51)}a`,
          name: 'Ben',
          devices: [{ device: `${'b'.repeat(51)}a`, addresses: ['127.0.0.1:9'] }],
        },
        by: 'Ana',
        chain: ['eyJ'],
      }),
    ],
    run: (input) => {
      const read = readIntroduction(Buffer.from(input).toString('base64url'));
      insist(read === undefined || read.chain.length <= 3, 'a chain of any length');
      readIntroduction(Buffer.from(input).toString('latin1'));
    },
    close: () => undefined,
  }),
};

export const ticket: Target = {
  name: 'ticket',
  kind: 'json',
  words: [
    'keeper',
    'jti',
    'account',
    'member',
    'device',
    'bytes',
    'durationS',
    'requestHash',
    'untilMs',
  ],
  cases: 15_000,
  casesInCi: 300,
  guided: true,
  open: async () => {
    const person = await makePerson();
    const certificate = new X509Certificate(person.device.certificatePem);
    const spki = certificate.publicKey.export({ format: 'der', type: 'spki' });
    const { device } = person.device.statement;
    const good = {
      keeper: device,
      jti: 'A'.repeat(22),
      account: 'family',
      member: person.owner,
      device,
      bytes: '1000',
      durationS: 3600,
      requestHash: 'A'.repeat(43),
      untilMs: NOW_MS,
    };
    const another = createHash('sha256').update('somebody').digest('hex') as DeviceId;
    return {
      seeds: [json(good)],
      run: (input) => {
        const bytes = Buffer.concat([text('allotment-ticket-v1\n'), input]);
        const parts = [bytes, Buffer.from(person.device.sign(bytes)), spki];
        const written = parts.map((part) => part.toString('base64url')).join('.');
        const read = readTicket(written, device);
        insist(read === undefined || read.keeper === device, 'a ticket of another keeper');
        insist(readTicket(written, another) === undefined, 'a ticket that another one signed');
        insist(
          readTicket(Buffer.from(input).toString('latin1'), device) === undefined,
          'a ticket unsigned',
        );
      },
      close: () => undefined,
    };
  },
};

export const note: Target = {
  name: 'note',
  kind: 'text',
  words: ['.', 'A', 'a', '0', '20', '21', '-', '='],
  cases: 200_000,
  casesInCi: 2000,
  guided: true,
  open: async () => ({
    seeds: [
      text(
        writeNote({
          keyset: `${'a'.repeat(25)}a`,
          k: 3,
          secret: Buffer.alloc(32, 9),
          output: Buffer.alloc(64, 8),
        }),
      ),
    ],
    run: (input) => {
      const written = Buffer.from(input).toString('utf8');
      const read = readNote(written);
      insist(read === undefined || writeNote(read) === written, 'one note in two writings');
    },
    close: () => undefined,
  }),
};

export const statement: Target = {
  name: 'statement',
  kind: 'json',
  words: ['owner', 'device', 'instance', 'serial', 'replaces'],
  cases: 15_000,
  casesInCi: 300,
  guided: true,
  open: async () => {
    const root = rootKeyOf(Buffer.alloc(32, 5));
    const body = {
      owner: root.owner,
      device: `${'b'.repeat(51)}a`,
      instance: 'ab'.repeat(16),
      serial: 1,
    };
    return {
      seeds: [json(body), json({ ...body, replaces: 'cd'.repeat(16) })],
      run: (input) => {
        const bytes = Buffer.concat([text('allotment-device-v1\n'), input]);
        const signed = bytes.toString('base64url');
        const read = readStatement({
          signed,
          signature: Buffer.from(root.sign(bytes)).toString('base64url'),
        });
        insist(read === undefined || read.owner === root.owner, 'a statement of another root');
        insist(readStatement({ signed, signature: 'AAAA' }) === undefined, 'a statement unsigned');
      },
      close: () => undefined,
    };
  },
};
