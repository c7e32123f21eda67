import { useState } from 'react';
import type { BackupSetView, CopyView } from '../../shared/contract/backup-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person, Size } from '../ui/figures.tsx';
import { Tag } from '../ui/states.tsx';
import { ReplaceDialog } from './replace-dialog.tsx';
import { TableFrame } from '../ui/table-frame.tsx';

const TONES: Readonly<Record<CopyView['state'], 'good' | 'plain' | 'warn' | 'bad'>> = {
  complete: 'good',
  behind: 'warn',
  empty: 'plain',
  unknown: 'plain',
  damaged: 'bad',
  gone: 'bad',
};

/** Where a set lies: a line a friend, and below what is in the way there, with what can be done. */
export function CopiesTable({
  set,
  friends,
  onKeepLess,
}: {
  readonly set: BackupSetView;
  readonly friends: readonly FriendView[];
  readonly onKeepLess: () => void;
}) {
  return (
    <TableFrame label={captionOf(set)}>
      <table className="copies">
        <caption className="visually-hidden">{captionOf(set)}</caption>
        <thead>
          <tr>
            <th scope="col">{t('copies.friend')}</th>
            <th scope="col">{t('copies.state')}</th>
            <th scope="col">{t('copies.newest')}</th>
            <th scope="col">{t('copies.verified')}</th>
            <th scope="col" className="numbers">
              {t('copies.size')}
            </th>
          </tr>
        </thead>
        <tbody>
          {set.copies.map((copy) => (
            <CopyRows
              key={copy.owner}
              copy={copy}
              set={set}
              friends={friends}
              onKeepLess={onKeepLess}
            />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function captionOf(set: BackupSetView): string {
  return t('copies.of', { set: set.name });
}

function CopyRows({
  copy,
  set,
  friends,
  onKeepLess,
}: {
  readonly copy: CopyView;
  readonly set: BackupSetView;
  readonly friends: readonly FriendView[];
  readonly onKeepLess: () => void;
}) {
  const note = noteOf(copy);
  return (
    <>
      <tr className={note === undefined ? undefined : 'has-note'}>
        <th scope="row" className="copy-friend">
          <Person name={copy.friend} />
        </th>
        <td>
          <Tag tone={TONES[copy.state]}>{t(`copies.state-${copy.state}`)}</Tag>
        </td>
        <td>
          {copy.completeMs === null
            ? t('copies.none')
            : t('copies.since', { completeMs: copy.completeMs })}
        </td>
        <td>{verifiedWords(copy)}</td>
        <td className="numbers">
          <Size bytes={copy.writtenBytes} />
          {copy.trashBytes === '0' ? null : (
            <p className="quiet">{t('copies.trash', { trashBytes: copy.trashBytes })}</p>
          )}
        </td>
      </tr>
      {note === undefined ? null : (
        <tr>
          <td colSpan={5}>
            <p className={copy.fault?.key === 'fault.waits' ? 'small quiet' : 'small fault'}>
              {note}
            </p>
            <CopyActs copy={copy} set={set} friends={friends} onKeepLess={onKeepLess} />
          </td>
        </tr>
      )}
    </>
  );
}

/** Of the pass over all bytes, what has been read back so far. */
function verifiedWords({ verifiedMs, verifiedShare }: CopyView): string {
  if (verifiedMs === null) return t('copies.unverified');
  const percent = Math.floor(Math.max(0, Math.min(1, verifiedShare)) * 100);
  return t('copies.verified-share', { verifiedMs, percent });
}

function noteOf({ state, fault, damagedObjects, friend }: CopyView): string | undefined {
  if (fault !== null) return say(t, fault);
  const name = nameInSentence(friend);
  if (state === 'gone') return t('copies.gone-what', { name });
  return state === 'damaged'
    ? t('copies.damaged-what', { name, count: damagedObjects })
    : undefined;
}

/** What is done about a full share, or about a friend who is gone. */
const OF_ROOM: ReadonlySet<string> = new Set([
  'fault.plot-full',
  'fault.full-of-trash',
  'fault.refused',
]);

function CopyActs({
  copy,
  set,
  friends,
  onKeepLess,
}: {
  readonly copy: CopyView;
  readonly set: BackupSetView;
  readonly friends: readonly FriendView[];
  readonly onKeepLess: () => void;
}) {
  const [isReplacing, setReplacing] = useState(false);
  const isFull = copy.fault !== null && OF_ROOM.has(copy.fault.key);
  const isGone = copy.state === 'gone';
  if (!isFull && !isGone) return null;
  const name = nameInSentence(copy.friend);
  const isFriend = friends.some(({ owner, departed }) => owner === copy.owner && !departed);
  return (
    <div className="row">
      {isFull && isFriend ? (
        <a className="small" href={href({ page: 'friend', owner: copy.owner })}>
          {t('copies.ask-more', { name })}
        </a>
      ) : null}
      <Button
        look="link"
        label={t('copies.other-what', { name, set: set.name })}
        onPress={() => setReplacing(true)}
      >
        {t('copies.other')}
      </Button>
      {isFull ? (
        <Button look="link" label={t('copies.less-what', { set: set.name })} onPress={onKeepLess}>
          {t('copies.less')}
        </Button>
      ) : null}
      {isReplacing ? (
        <ReplaceDialog
          set={set}
          from={copy}
          friends={friends}
          onClose={() => setReplacing(false)}
        />
      ) : null}
    </div>
  );
}
