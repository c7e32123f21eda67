import type { Api } from '../../../../shared/contract/api.ts';
import { fault } from '../../../../shared/fault.ts';
import { deviceId } from '../../../../shared/model/ids.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { whoIsMeant } from '../../../../shared/who-is-meant.ts';
import { withoutGaps } from '../../../../shared/words/key-text.ts';
import type { CoreParts } from '../core-parts.ts';
import { createStartOn } from '../on-something.ts';
import { findSet } from './find-set.ts';
import { recoveryView, sheetView } from './recovery-view.ts';
import { setView } from './set-views.ts';

/** Coming back from 24 words, and carrying repositories on a disk. */
type RecoveryApi = Pick<
  Api,
  | 'recovery.sheet'
  | 'recovery.get'
  | 'recovery.begin'
  | 'recovery.call'
  | 'recovery.believe'
  | 'recovery.take-over'
  | 'sets.export'
>;

export function recoveryApi(parts: CoreParts): RecoveryApi {
  const { recovering } = parts;
  const exportTo = createStartOn(parts.jobs);
  return {
    'recovery.sheet': async () => ok(await sheetView(parts)),
    'recovery.get': async () => ok(await recoveryView(parts)),
    'recovery.begin': async ({ words, replaces, stolenMs }) => {
      const which = replaces?.trim() === '' ? undefined : replaces;
      const begun = await recovering.begin(words, which, stolenMs);
      if (!begun.ok) return begun;
      const view = await recoveryView(parts);
      recovering.startAgain();
      return ok(view.possible ? { ...view, state: 'searching' } : view);
    },
    'recovery.call': async ({ address, device }) => {
      const key = device === undefined ? undefined : deviceId.safeParse(withoutGaps(device));
      if (key?.success === false)
        return failed(fault('bad-arguments', { field: 'device', problem: 'no key of a device' }));
      const called = await recovering.recovery.call(address, key?.data);
      return called.ok ? ok(await recoveryView(parts)) : called;
    },
    'recovery.believe': async ({ friend }) => {
      const doubtful = await recovering.recovery.doubtful();
      const meant = friend === undefined ? [] : whoIsMeant(doubtful, friend);
      const [first, second] = meant;
      if (friend !== undefined && first === undefined)
        return failed(fault('friend-unknown', { friend }));
      if (friend !== undefined && second !== undefined)
        return failed(fault('friend-ambiguous', { friend }));
      await recovering.recovery.believe(first?.owner);
      return ok(await recoveryView(parts));
    },
    'recovery.take-over': async ({ name }) => {
      const set = await recovering.recovery.takeOver(name);
      return set === undefined
        ? failed(fault('set-unknown', { set: name }))
        : ok(setView(parts, set));
    },
    'sets.export': async ({ name, to }) => {
      const set = await findSet(parts, name);
      if (!set.ok) return set;
      const folder = await parts.exporter.prepare(to);
      if (!folder.ok) return folder;
      return ok(
        exportTo({ kind: 'export', set: name }, folder.value, (control) =>
          parts.exporter.run(set.value, folder.value, control),
        ),
      );
    },
  };
}
