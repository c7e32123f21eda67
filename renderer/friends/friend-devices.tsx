import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { keyTail } from '../../shared/words/key-text.ts';
import { t } from '../state/words.ts';
import { Person } from '../ui/figures.tsx';
import { Tag } from '../ui/states.tsx';
import { KeyTail, Machine } from '../pairing/machine.tsx';

/** A friend is a person; these are the computers that proved to be that person's. */
export function FriendDevices({ friend }: { readonly friend: FriendView }) {
  const name = nameInSentence(friend.name);
  if (friend.devices.length === 0) return <p className="quiet">{t('friend.no-devices')}</p>;
  return (
    <ul className="lines card">
      {friend.devices.map((each) => (
        <li key={each.device} className="stack tight">
          <p className="row">
            <strong>
              {each.name === null ? (
                t('friend.device-unnamed')
              ) : (
                <Person name={each.name} max={40} />
              )}
            </strong>
            {each.revoked ? <Tag>{t('friend.device-revoked')}</Tag> : null}
          </p>
          <p className="row small quiet device-line">
            <Machine kind={each.kind} />
            <KeyTail tail={keyTail(each.device)} />
            <span>{t('friend.device-added', { addedMs: each.addedMs })}</span>
          </p>
          {each.revoked ? (
            <p className="small">{t('friend.device-revoked-what', { name })}</p>
          ) : null}
          {each.clashMs === null || each.revoked ? null : (
            <p className="small warn">
              {t('friend.device-clash', { name, clashMs: each.clashMs })}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
