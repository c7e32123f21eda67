import { resolve } from 'node:path';
import { badArguments, type Command, textOption } from './command.ts';
import { counted, plainText, size } from './output.ts';
import { watchJob } from './watch-job.ts';

/** Commands that begin a job of a set and watch it to its end. */
export const setJobCommands: Readonly<Record<string, Command>> = {
  'backup run': {
    usage: 'backup run NAME',
    help: 'back up now',
    words: [1, 1],
    run: async (context) => {
      const begun = await context.call('sets.run', { name: context.words[0] ?? '' });
      return watchJob(
        context,
        begun,
        (result) =>
          `${counted(result['files'], 'file')}, ${size(String(result['bytesTotal']))}; ${result['filesNew']} new or changed, ${size(String(result['bytesAdded']))} sent. Snapshot ${String(result['snapshot']).slice(0, 8)}.`,
      );
    },
  },
  'backup prune': {
    usage: 'backup prune NAME',
    help: 'forget what the retention does not keep, and give the room back',
    words: [1, 1],
    run: async (context) => {
      const begun = await context.call('sets.prune', { name: context.words[0] ?? '' });
      return watchJob(
        context,
        begun,
        (result) =>
          `Forgotten: ${counted(result['forgotten'], 'snapshot')}; ${result['snapshots']} stay. ${size(String(result['bytesFreed']))} ${freedWord(result['keptDays'])}.`,
      );
    },
  },
  'backup verify': {
    usage: 'backup verify NAME',
    help: 'read some of what friends keep back, at random, and check it',
    words: [1, 1],
    run: async (context) => {
      const begun = await context.call('sets.verify', { name: context.words[0] ?? '' });
      return watchJob(context, begun, (result) =>
        Number(result['problems'] ?? 0) === 0
          ? `${size(String(result['bytesRead'] ?? 0))} read back, and every byte is right.`
          : `Damaged: ${result['problems']}; repaired: ${result['repaired'] ?? 0}; lost everywhere: ${result['givenUp'] ?? 0}.`,
      );
    },
  },
  'backup drill': {
    usage: 'backup drill NAME',
    help: 'restore one random file and compare it with yours',
    words: [1, 1],
    run: async (context) => {
      const begun = await context.call('sets.drill', { name: context.words[0] ?? '' });
      return watchJob(context, begun, (result) => {
        const isSame = Number(result['same'] ?? 0) === 1;
        const compared = isSame
          ? 'the same as yours'
          : 'but none of the files that were tried is still here as it was backed up, so it could not be compared';
        return `${plainText(String(result['file']))}: ${size(String(result['bytes'] ?? 0))} came back, ${compared}.`;
      });
    },
  },
  check: {
    usage: 'check NAME [--read-data]',
    help: 'is everything there that a restore needs? What is damaged is repaired from another copy',
    options: { 'read-data': { type: 'boolean' } },
    words: [1, 1],
    run: async (context) => {
      const { call, values, words } = context;
      const readData = values['read-data'] === true;
      const begun = await call('sets.check', { name: words[0] ?? '', readData });
      return watchJob(context, begun, (result) =>
        result['problems'] === 0
          ? `Snapshots: ${result['snapshots']}, packs: ${result['packs']}. Everything is there${readData ? ', and every byte is right' : ''}.`
          : `Problems found: ${result['problems']}; repaired: ${result['repaired'] ?? 0}; lost everywhere: ${result['givenUp'] ?? 0}.`,
      );
    },
  },
  'backup export': {
    usage: 'backup export NAME --to DIR',
    help: 'the whole repository into a folder, for instance on a USB disk',
    options: { to: { type: 'string' } },
    words: [1, 1],
    run: async (context) => {
      const to = textOption(context.values, 'to');
      if (to === undefined) return badArguments('--to is missing');
      const wish = { name: context.words[0] ?? '', to: resolve(to) };
      const begun = await context.call('sets.export', wish);
      return watchJob(context, begun, () => `All of it lies in ${plainText(wish.to)} now.`);
    },
  },
};

/** Friends keep what is protected for a while, and charge it. */
function freedWord(days: string | number | undefined): string {
  return days === undefined ? 'freed' : `deleted, protected, and free in ${counted(days, 'day')}`;
}
