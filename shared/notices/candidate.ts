import { pagePath } from '../contract/pages.ts';
import type { Candidate } from './memory.ts';
import { type NoticeKind, noticeKinds } from './notice.ts';

/** Whom it is about is part of the id; i18next picks the words of a `context` where there are any. */
export function candidate(
  kind: NoticeKind,
  subject: string,
  more: {
    readonly params: Readonly<Record<string, string>>;
    readonly path: string;
    readonly mark?: string;
    readonly level?: Candidate['level'];
  },
): Candidate {
  return {
    id: subject === '' ? kind : `${kind}:${subject}`,
    kind,
    level: more.level ?? noticeKinds[kind],
    params: more.params,
    path: more.path,
    mark: more.mark ?? '',
  };
}

export function friendPage(owner: string): string {
  return pagePath({ page: 'friend', owner });
}
