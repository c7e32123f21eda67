import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * What takes more than a minute begins first, so that all workers end together; by turns those that compute and those that
 * mostly wait (for other programs, for lines to be given up), so that there is always something to do for the processor.
 */
const LONGEST = [
  'core/backup/storm',
  'network/nearness',
  'integration/kill-nine',
  'integration/two-homes',
  'integration/kill-nine-backups',
  'integration/recovery',
  'core/ledger/engine-model',
  'e2e/notifications',
  'core/backup/engine/prune',
  'integration/kill-nine-homes',
  'renderer/screens',
  'integration/presence',
  'headless/cli',
  'integration/upkeep',
  'core/ledger/sharing-model',
  'integration/stolen-laptop',
  'renderer/dialogs',
  'e2e/window',
  'core/ledger/simulation',
  'integration/leaving',
  'browser/pairing',
  'integration/lending',
  'core/backup/engine/restore',
  'integration/accounts',
  'integration/restores',
  'e2e/quit',
  'renderer/spoken',
];

/** A class because Vitest makes one itself. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}.test.`));
      return at === -1 ? LONGEST.length : at;
    };
    const others = await super.sort(files);
    return others.sort((one, other) => rankOf(one) - rankOf(other));
  }
}
