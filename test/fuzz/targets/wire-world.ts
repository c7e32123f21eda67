import { createHash, X509Certificate } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { commitmentOf } from '../../../electron/core/friends/pairing.ts';
import { createDeviceKey } from '../../../electron/core/identity/device-key.ts';
import { rootKeyOf } from '../../../electron/core/identity/root-key.ts';
import { type SignedStatement, signStatement } from '../../../electron/core/identity/statement.ts';
import { SERVER_LIMITS } from '../../../electron/core/server/limits.ts';
import * as allocate from '../../../shared/model/allocate.ts';
import * as accounts from '../../../shared/wire/accounts.ts';
import * as messages from '../../../shared/wire/messages.ts';
import * as mint from '../../../shared/wire/mint.ts';
import * as orders from '../../../shared/wire/orders.ts';
import * as protection from '../../../shared/wire/protection.ts';
import * as upkeep from '../../../shared/wire/upkeep.ts';
import * as vouchers from '../../../shared/wire/voucher-messages.ts';
import { offer, pair, startHome, type TestHome } from '../../fakes/homes.ts';
import { keysOf, send } from '../../fakes/raw-friend.ts';
import { examplesOf } from '../examples.ts';
import { serverBehind } from '../in-memory-socket.ts';
import { text } from '../target.ts';

/**
 * Ben, who has a friend with a plot, and Zoe, who has nobody; and somebody whom neither knows. Whatever a stranger
 * asks, the two must answer alike.
 */
export type WireWorld = {
  readonly ben: TestHome;
  readonly atBen: Server;
  readonly atZoe: Server;
  readonly friend: X509Certificate;
  readonly stranger: X509Certificate;
  /** Whose Ben's device is. */
  readonly own: { readonly owner: string; readonly device: string };
  readonly strangerStatement: SignedStatement;
  readonly friendKeys: Awaited<ReturnType<typeof keysOf>>;
  readonly strangerKeys: { readonly key: string; readonly cert: string };
  /** Stands for the plot in inputs. */
  readonly plot: () => Promise<string>;
  readonly secrets: readonly string[];
  readonly close: () => Promise<void>;
};

export const PLOT = `${'p'.repeat(25)}a`;
/** Stands for a request id that nobody has used yet. */
export const REQUEST = `${'R'.repeat(21)}A`;
/** Stands for the pairing that was begun last. */
export const PAIRING = 'ba'.repeat(16);
const SIZE = '40000000';
/** Nobody must be kept from asking by how often he asks: that is tested elsewhere. */
const OFTEN = { burst: 1e9, perS: 1e9 };
const LIMITS = {
  ...SERVER_LIMITS,
  strangers: OFTEN,
  pairings: OFTEN,
  friends: OFTEN,
  asks: OFTEN,
  mint: OFTEN,
  news: OFTEN,
};

export async function openWireWorld(scratch: string, isLimited = false): Promise<WireWorld> {
  const store = join(scratch, 'spare-room');
  await mkdir(store);
  const limits = isLimited ? {} : { limits: LIMITS };
  const ben = await startHome('Ben', scratch, limits);
  const zoe = await startHome('Zoe', scratch, limits);
  const ana = await startHome('Annamaria', scratch);
  await pair(ana, ben);
  await offer(ben, store);
  // Every ground and every book has something to do.
  await ben.call('settings.set', { barter: true });
  await ben.call('policy.set', {
    policy: {
      guards: {},
      grounds: [
        { kind: 'notes' },
        { kind: 'reciprocal', ratio: 1 },
        { kind: 'voucher' },
        { kind: 'fair-share', weight: 1 },
      ],
    },
  });
  await ben.call('accounts.set', {
    account: 'family',
    planBytes: '1000000000',
    members: ['Annamaria'],
  });
  await ben.call('friends.rename', { friend: 'Annamaria', petName: 'Nightingale' });
  const friendKeys = await keysOf(ana, 'Annamaria');
  // From here on the fuzzer speaks for her.
  await ana.close();
  const unknown = await createDeviceKey();
  const strangerKeys = { key: unknown.keyPem, cert: unknown.certificatePem };
  let current = await granted(ben, friendKeys);
  const greeting = await send(ben, {}, { path: '/v1/hello' });
  const { owner, device } = JSON.parse(greeting.body.toString()) as WireWorld['own'];
  const root = rootKeyOf(Buffer.alloc(32, 6));
  const strangerStatement = signStatement(
    { owner: root.owner, device: unknown.device, instance: 'ab'.repeat(16), serial: 1 },
    root,
  );
  return {
    ben,
    atBen: await serverBehind(() => send(ben, {}, { path: '/v1/hello' })),
    atZoe: await serverBehind(() => send(zoe, {}, { path: '/v1/hello' })),
    friend: new X509Certificate(friendKeys.cert ?? ''),
    stranger: new X509Certificate(unknown.certificatePem),
    own: { owner, device },
    strangerStatement,
    friendKeys,
    strangerKeys,
    plot: async () => {
      const { body } = await send(ben, friendKeys, { path: `/v1/plots/${current}` });
      if (!body.toString().includes('"active"')) current = await granted(ben, friendKeys);
      return current;
    },
    secrets: [scratch, 'Nightingale', 'spare-room'],
    close: async () => {
      await Promise.all([ben.close(), zoe.close()]);
    },
  };
}

async function granted(ben: TestHome, keys: WireWorld['friendKeys']): Promise<string> {
  const requestId = createHash('md5').update(`${process.hrtime.bigint()}`).digest('base64url');
  const body = { v: 1, requestId, size: SIZE, duration: { want: 86_400 }, why: [] };
  const answer = await send(ben, keys, { path: '/v1/allocations', body: JSON.stringify(body) });
  const { plot } = JSON.parse(answer.body.toString()) as { readonly plot?: string };
  // A plan that is used up costs reach, not truth.
  return plot ?? PLOT;
}

const NAMES = 'ab'.repeat(32);
const CONTENT = Buffer.from('what a friend wants kept');
const RIGHT_NAME = createHash('sha256').update(CONTENT).digest('hex');
const repository = `/v1/plots/${PLOT}/repository`;

type Asked = readonly [method: string, path: string, schema?: Parameters<typeof examplesOf>[0]];
const { allocateRequest, renewRequest, resizeRequest } = allocate;
const ASKED: readonly Asked[] = [
  ['GET', '/v1/hello'],
  ['POST', '/v1/pairings', messages.pairingRequest],
  ['POST', `/v1/pairings/${PAIRING}/reveal`, messages.pairingReveal],
  ['GET', `/v1/pairings/${PAIRING}`],
  ['POST', `/v1/pairings/${PAIRING}/confirm`],
  ['DELETE', `/v1/pairings/${PAIRING}`, messages.pairingEnd],
  ['POST', '/v1/devices', messages.deviceIntroduction],
  ['GET', '/v1/share'],
  ['POST', '/v1/allocations', allocateRequest],
  ['POST', '/v1/quotes', allocateRequest],
  ['GET', `/v1/allocations/${PLOT}`],
  ['DELETE', `/v1/allocations/${PLOT}`],
  ['GET', '/v1/plots'],
  ['GET', `/v1/plots/${PLOT}`],
  ['POST', `/v1/plots/${PLOT}/renewals`, renewRequest],
  ['POST', `/v1/plots/${PLOT}/resize`, resizeRequest],
  ['DELETE', `/v1/plots/${PLOT}`],
  ['GET', '/v1/accounts'],
  ['POST', '/v1/accounts/reservations', accounts.reservationRequest],
  ['POST', '/v1/accounts/tickets', accounts.ticketRequest],
  ['POST', '/v1/accounts/settlements', accounts.settlementRequest],
  ['POST', '/v1/accounts/comparison', accounts.comparisonRequest],
  ['GET', '/v1/mint'],
  ['POST', '/v1/mint/withdrawals', mint.withdrawal],
  ['POST', '/v1/mint/swaps', mint.swap],
  ['POST', '/v1/mint/change', mint.change],
  ['POST', '/v1/mint/calls', mint.mintCall],
  ['POST', '/v1/notes', mint.noteGift],
  ['GET', '/v1/barter/orders'],
  ['POST', '/v1/barter/orders', orders.orderProposal],
  ['POST', `/v1/barter/orders/${PLOT}/answer`, orders.orderAnswer],
  ['POST', `/v1/barter/orders/${PLOT}/end`, orders.orderEnd],
  ['POST', '/v1/news', messages.news],
  ['PUT', `/v1/plots/${PLOT}/protection`, protection.protectionRequest],
  ['GET', `/v1/plots/${PLOT}/trash`],
  ['GET', `/v1/plots/${PLOT}/trash/data.${NAMES}`],
  ['POST', `/v1/plots/${PLOT}/trash/restorations`, protection.restorationRequest],
  ['POST', `/v1/plots/${PLOT}/damage`, protection.damageReport],
  ['POST', '/v1/plots/renewals', upkeep.renewManyRequest],
  ['POST', '/v1/plots/keep-only', upkeep.keepOnlyRequest],
  ['POST', `/v1/plots/${PLOT}/delegate`, upkeep.delegateRequest],
  ['GET', `/v1/plots/${PLOT}/delegate`],
  ['GET', '/v1/errands'],
  ['GET', '/v1/vouchers'],
  ['POST', '/v1/vouchers/withdrawals', vouchers.withdrawals],
];
/** Every route that the seeds name: a test compares them with those that there are. */
export const routesAsked: readonly string[] = ASKED.map(([method, path]) => `${method} ${path}`);

export function requestText(
  method: string,
  path: string,
  body?: Uint8Array,
  headers: readonly string[] = [],
): Buffer {
  const length = body === undefined ? [] : [`content-length: ${body.length}`];
  const head = [`${method} ${path} HTTP/1.1`, 'host: device.invalid', ...length, ...headers];
  return Buffer.concat([text(`${head.join('\r\n')}\r\n\r\n`), body ?? Buffer.alloc(0)]);
}

function chunked(method: string, path: string, body: Uint8Array): Buffer {
  const size = body.length.toString(16);
  return Buffer.concat([
    requestText(method, path, undefined, ['transfer-encoding: chunked']),
    text(`${size}\r\n`),
    body,
    text('\r\n0\r\n\r\n'),
  ]);
}

/** `statement`: what somebody may bring who wants to pair. */
export function wireSeeds(statement: SignedStatement, to: WireWorld['own']): readonly Buffer[] {
  const nonce = Buffer.alloc(32, 7);
  const hints = {
    plot: PLOT,
    plots: [PLOT],
    name: 'Eve',
    requestId: REQUEST,
    account: 'family',
    host: to.owner,
    device: to.device,
    statement,
    nonce: nonce.toString('base64url'),
    commitment: Buffer.from(commitmentOf(nonce)).toString('base64url'),
  };
  const messagesOf = ASKED.flatMap(([method, path, schema]) =>
    schema === undefined
      ? [requestText(method, path)]
      : examplesOf(schema, hints)
          .slice(0, 3)
          .map((body) => requestText(method, path, text(JSON.stringify(body)))),
  );
  const share = requestText('GET', '/v1/share');
  const save = (kind: string, headers: readonly string[] = []) =>
    requestText('POST', `${repository}/${kind}/${RIGHT_NAME}`, CONTENT, headers);
  return [
    ...messagesOf,
    requestText('POST', `${repository}/?create=true`),
    save('data'),
    save('locks', ['expect: 100-continue']),
    chunked('POST', `${repository}/data/${RIGHT_NAME}`, CONTENT),
    chunked('POST', '/v1/mint/calls', text('{"v":1}')),
    ...['data', 'keys', 'index', 'snapshots', 'locks'].map((kind) =>
      requestText('GET', `${repository}/${kind}/`, undefined, [
        'accept: application/vnd.x.restic.rest.v2',
      ]),
    ),
    requestText('GET', `${repository}/data/${RIGHT_NAME}`, undefined, ['range: bytes=3-9']),
    requestText('HEAD', `${repository}/config`),
    requestText('DELETE', `${repository}/locks/${RIGHT_NAME}`),
    requestText('PUT', `/v1/plots/${PLOT}/papers/manifest`, CONTENT),
    requestText('GET', `/v1/plots/${PLOT}/papers/address-book`),
    // Several in one go, and one that promises more than it brings.
    Buffer.concat([share, save('data'), share, requestText('GET', '/v1/hello')]),
    requestText('POST', '/v1/quotes', text('{"v":1,'), ['content-length: 400']),
  ];
}

export const WIRE_WORDS: readonly string[] = [
  ...new Set(ASKED.map(([, path]) => path)),
  PLOT,
  RIGHT_NAME,
  'transfer-encoding: chunked',
  'transfer-encoding: gzip, chunked',
  'content-length: 0',
  'content-length: 18446744073709551616',
  'expect: 100-continue',
  'expect: everything',
  'connection: close',
  'connection: upgrade',
  'upgrade: h2c',
  'range: bytes=0-',
  'range: bytes=9223372036854775807-9223372036854775807',
  'range: bytes=-1,0-5',
  'host: evil.example',
  'trailer: x',
  'FFFFFFFFFFFFFFFF',
  '0\r\n\r\n',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'PATCH',
  'http://evil.example/v1/share',
  '/v1/../v1/share',
  '%2e%2e',
  '"v":1',
  '"v":2',
];
