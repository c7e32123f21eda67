import { describe, expect, test } from 'vitest';
import {
  DRAFT_AT_FIRST,
  type Draft,
  dropDraft,
  keepDraft,
  keptDraft,
} from '../../../renderer/welcome/draft.ts';
import { shareOf } from '../../../renderer/welcome/use-default-share.ts';

function storage(first?: string) {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? first ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}

describe('what was typed in the first steps', () => {
  test('is there again after a reload, and gone when they are over', () => {
    const keep = storage();
    const draft: Draft = {
      step: 'space',
      name: 'Kim',
      folder: '/srv',
      size: '5 GB',
      share: 'each',
    };
    keepDraft(keep, draft);
    expect(keptDraft(keep)).toEqual(draft);
    dropDraft(keep);
    expect(keptDraft(keep)).toEqual(DRAFT_AT_FIRST);
  });

  test.each(['', 'no json', '[]', 'null', '7', '{"step":"nowhere","name":7,"share":"all"}'])(
    'begins anew where %s was kept',
    (text) => {
      expect(keptDraft(storage(text))).toEqual(DRAFT_AT_FIRST);
    },
  );

  test('costs nothing where nothing can be kept', () => {
    const full = {
      getItem: () => {
        throw new Error('forbidden');
      },
      setItem: () => {
        throw new Error('full');
      },
      removeItem: () => {
        throw new Error('forbidden');
      },
    };
    keepDraft(full, DRAFT_AT_FIRST);
    dropDraft(full);
    expect(keptDraft(full)).toEqual(DRAFT_AT_FIRST);
    expect(keptDraft(undefined)).toEqual(DRAFT_AT_FIRST);
  });
});

describe('what friends get without a rule of their own', () => {
  test.each([
    ['each', { guards: {}, grounds: [{ kind: 'fair-share', weight: 0 }] }],
    ['evenly', { guards: {}, grounds: [{ kind: 'fair-share', weight: 1 }] }],
    ['kept', { guards: {}, grounds: [{ kind: 'always' }] }],
    ['kept', { guards: { maxPlots: 2 }, grounds: [{ kind: 'fair-share', weight: 1 }] }],
    ['kept', { guards: {}, grounds: [] }],
  ] as const)('is told as "%s"', (share, policy) => {
    expect(shareOf(policy)).toBe(share);
  });
});
