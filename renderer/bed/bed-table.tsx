import type { AppSnapshot, FriendView } from '../../shared/contract/views.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Person, Size } from '../ui/figures.tsx';
import { layOutBed } from './bed-layout.ts';
import { stateWords } from './bed-words.ts';
import { TableFrame } from '../ui/table-frame.tsx';

/** Everything that the bed shows, in figures and words. */
export function BedTable({
  friends,
  hosted,
  nowMs,
}: {
  readonly friends: AppSnapshot['friends'];
  readonly hosted: AppSnapshot['hosted'];
  readonly nowMs: number;
}) {
  // The same reading of the same facts as the drawing; its widths don't matter here.
  const { stretches } = layOutBed({ offerBytes: '1' }, { friends, hosted }, { width: 1000, nowMs });
  const idle = friends.filter(({ owner }) => !stretches.some((each) => each.owner === owner));
  return (
    <TableFrame label={t('bed.title')}>
      <table className="bed-table">
        <caption className="visually-hidden">{t('bed.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('bed.friend')}</th>
            <th scope="col" className="numbers">
              {t('bed.share')}
            </th>
            <th scope="col" className="numbers">
              {t('bed.promised')}
            </th>
            <th scope="col" className="numbers">
              {t('bed.written')}
            </th>
            <th scope="col" className="numbers">
              {t('bed.lent')}
            </th>
            <th scope="col" className="numbers">
              {t('bed.may-ask')}
            </th>
            <th scope="col">{t('bed.given-as')}</th>
            <th scope="col">{t('bed.state')}</th>
          </tr>
        </thead>
        <tbody>
          {stretches.map((stretch) => {
            const { friend, lentBytes } = stretch;
            const { promisedBytes, writtenBytes } = friend.here;
            return (
              <Row
                key={friend.owner}
                friend={friend}
                held={[promisedBytes, writtenBytes, lentBytes]}
                ground={groundWords(friend, hosted)}
                state={stateWords(stretch)}
              />
            );
          })}
          {idle.map((friend) => (
            <Row
              key={friend.owner}
              friend={friend}
              held={[undefined, undefined, undefined]}
              ground={groundWords(friend, hosted)}
              state={t('bed.state-empty')}
            />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Row({
  friend: { owner, name, here },
  held: [promisedBytes, writtenBytes, lentBytes],
  ground,
  state,
}: {
  readonly friend: FriendView;
  /** Promised, written, lent; of who holds nothing the cells are empty. */
  readonly held: readonly [
    promised: string | undefined,
    written: string | undefined,
    lent: bigint | undefined,
  ];
  readonly ground: string;
  readonly state: string;
}) {
  const figures = [here.shareBytes, promisedBytes, writtenBytes, lentBytes, here.mayAskBytes];
  return (
    <tr>
      <td>
        <a href={href({ page: 'friend', owner })}>
          <Person name={name} />
        </a>
      </td>
      {figures.map((bytes, column) => (
        // A figure has no name but its column.
        // oxlint-disable-next-line react/no-array-index-key
        <td key={column} className="numbers">
          {bytes === undefined ? null : <Size bytes={bytes} />}
        </td>
      ))}
      <td>{ground}</td>
      <td>{state}</td>
    </tr>
  );
}

/** What the friend's plots stand on, each once; without any, what would speak for one. */
function groundWords({ owner, here }: FriendView, hosted: AppSnapshot['hosted']): string {
  const kinds = new Set(hosted.filter((plot) => plot.owner === owner).map(({ ground }) => ground));
  if (kinds.size === 0) return t(`ground.${here.ground ?? 'none'}`);
  return [...kinds].map((kind) => t(`ground.${kind}`)).join(', ');
}
