import { resolve } from 'node:path';
import type { FriendView } from '../../shared/contract/views.ts';
import { ok } from '../../shared/result.ts';
import { say, sayDecision, sayStep } from '../../shared/words/say.ts';
import { badArguments, type Command, sizeOption, textOption } from './command.ts';
import { presenceText } from './commands-near.ts';
import { dateTime, plainText, size, table } from './output.ts';

/** Commands about this device as a host: its offer, its friends, its decisions. */
export const hostCommands: Readonly<Record<string, Command>> = {
  status: {
    usage: 'status',
    help: 'what this device is and shares, and a link to its window',
    words: [0, 0],
    run: async ({ call, webLink, t }) => {
      const status = await call('status.get', {});
      if (!status.ok) return status;
      const link = await webLink();
      if (!link.ok) return link;
      const { name, device, port, offer, warnings } = status.value;
      const lines = [
        `${plainText(name)}, device ${device.slice(0, 16)}…, port ${port ?? '–'}`,
        offer === null
          ? 'Nothing is offered yet: allotment offer set --folder DIR --size 50GB --keep-free 10GB'
          : `${size(offer.offerBytes)} offered in ${offer.folder}: ${size(offer.promisedBytes)} promised, ${size(offer.writtenBytes)} written, ${size(offer.freeBytes)} free on the disk`,
        ...warnings.map((warning) => say(t, warning)),
        link.value.url === null ? 'Window: that of the app' : `Window: ${link.value.url}`,
      ];
      return ok({ value: { ...status.value, web: link.value.url }, text: lines.join('\n') });
    },
  },
  'offer set': {
    usage: 'offer set --folder DIR --size 50GB [--keep-free 10GB]',
    help: 'share space in a folder',
    options: {
      folder: { type: 'string' },
      size: { type: 'string' },
      'keep-free': { type: 'string', default: '1GB' },
    },
    words: [0, 0],
    run: async ({ call, values }) => {
      const folder = textOption(values, 'folder');
      if (folder === undefined) return badArguments('--folder is missing');
      const offerBytes = sizeOption(values, 'size');
      if (!offerBytes.ok) return offerBytes;
      const keepFree = sizeOption(values, 'keep-free');
      if (!keepFree.ok) return keepFree;
      const set = await call('offer.set', {
        folder: resolve(folder),
        offerBytes: offerBytes.value,
        keepFreeBytes: keepFree.value,
      });
      if (!set.ok) return set;
      const { value } = set;
      const text = `${size(value.offerBytes)} offered in ${value.folder}; ${size(value.capacityBytes)} of it can be promised now.`;
      return ok({ value, text });
    },
  },
  friends: {
    usage: 'friends',
    help: 'who your friends are and what they have here',
    words: [0, 0],
    run: async ({ call, t }) => {
      const friends = await call('friends.list', {});
      if (!friends.ok) return friends;
      const rows = friends.value.map((friend) => friendRow(friend, (key) => t(key)));
      const head = [
        'friend',
        'policy',
        'share',
        'promised',
        'written',
        'may ask for',
        'there',
        'last heard of',
      ];
      const text =
        rows.length === 0
          ? 'No friends yet: allotment nearby, or allotment pair ADDRESS'
          : table(head, rows);
      return ok({ value: friends.value, text });
    },
  },
  'friends rename': {
    usage: 'friends rename FRIEND [NAME]',
    help: 'give a friend a pet name, or take it off',
    words: [1, 2],
    run: async ({ call, words: [friend = '', petName = ''] }) => {
      const renamed = await call('friends.rename', { friend, petName });
      return renamed.ok
        ? ok({ value: renamed.value, text: `That friend is ${plainText(renamed.value.name)} now.` })
        : renamed;
    },
  },
  'friends block': {
    usage: 'friends block FRIEND',
    help: 'no new grants and no writes; what is there can still be read',
    words: [1, 1],
    run: async ({ call, words: [friend = ''] }) => {
      const blocked = await call('friends.block', { friend });
      return blocked.ok
        ? ok({ value: blocked.value, text: `${plainText(blocked.value.name)} is blocked.` })
        : blocked;
    },
  },
  'friends unblock': {
    usage: 'friends unblock FRIEND',
    help: 'the end of a block',
    words: [1, 1],
    run: async ({ call, words: [friend = ''] }) => {
      const free = await call('friends.unblock', { friend });
      return free.ok
        ? ok({ value: free.value, text: `${plainText(free.value.name)} is not blocked any more.` })
        : free;
    },
  },
  decisions: {
    usage: 'decisions [--friend FRIEND] [--limit 50]',
    help: 'what was asked here, what was said and why',
    options: { friend: { type: 'string' }, limit: { type: 'string', default: '20' } },
    words: [0, 0],
    run: async ({ call, values, t }) => {
      const friend = textOption(values, 'friend');
      const limit = Number(textOption(values, 'limit'));
      if (!Number.isInteger(limit) || limit < 1 || limit > 200)
        return badArguments('--limit wants a number from 1 to 200');
      const found = await call('decisions.list', {
        limit,
        ...(friend === undefined ? {} : { friend }),
      });
      if (!found.ok) return found;
      const lines = found.value.map((decision) =>
        [
          `${dateTime(decision.atMs)}  ${sayDecision(t, decision)}`,
          ...decision.steps
            .filter(({ verdict }) => verdict !== 'pass')
            .map((step) => `                    ${sayStep(t, step)}`),
        ].join('\n'),
      );
      const text = lines.length === 0 ? 'Nobody has asked yet.' : plainLines(lines);
      return ok({ value: found.value, text });
    },
  },
  reclaim: {
    usage: 'reclaim PLOT --name FRIEND',
    help: 'end a plot whose guest has been away for half a year',
    options: { name: { type: 'string' } },
    words: [1, 1],
    run: async ({ call, words: [plot = ''], values }) => {
      const name = textOption(values, 'name');
      if (name === undefined) return badArguments('--name is missing: write whose plot it is');
      const ended = await call('plots.reclaim', { plot, name });
      return ended.ok ? ok({ value: ended.value, text: 'That plot is ended.' }) : ended;
    },
  },
};

function plainLines(lines: readonly string[]): string {
  return lines.join('\n').split('\n').map(plainText).join('\n');
}

function friendRow(friend: FriendView, t: (key: string) => string): readonly string[] {
  const { here } = friend;
  const ground = here.ground === null ? t('ground.none') : t(`ground.${here.ground}`);
  return [
    `${friend.name}${stateOf(friend)}`,
    here.weight === null ? ground : `${ground} × ${here.weight}`,
    size(here.shareBytes),
    here.vouchedBytes === undefined
      ? size(here.promisedBytes)
      : `${size(here.promisedBytes)} and ${size(here.vouchedBytes)} vouched for`,
    size(here.writtenBytes),
    size(here.mayAskBytes),
    presenceText(friend.presence),
    dateTime(friend.lastContactMs),
  ];
}

function stateOf({ blocked, departed, leaving }: FriendView): string {
  if (departed) return ' (a friend no longer)';
  if (blocked) return ' (blocked)';
  if (leaving === null) return '';
  if (leaving.by === 'here') return ` (ends ${dateTime(leaving.atMs)})`;
  return leaving.atMs <= Date.now() ? ' (has left)' : ` (leaves ${dateTime(leaving.atMs)})`;
}
