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
            const { owner, name, here } = friend;
            return (
              <tr key={owner}>
                <td>
                  <a href={href({ page: 'friend', owner })}>
                    <Person name={name} />
                  </a>
                </td>
                <td className="numbers">
                  <Size bytes={here.shareBytes} />
                </td>
                <td className="numbers">
                  <Size bytes={here.promisedBytes} />
                </td>
                <td className="numbers">
                  <Size bytes={here.writtenBytes} />
                </td>
                <td className="numbers">
                  <Size bytes={lentBytes} />
                </td>
                <td className="numbers">
                  <Size bytes={here.mayAskBytes} />
                </td>
                <td>{groundWords(friend, hosted)}</td>
                <td>{stateWords(stretch)}</td>
              </tr>
            );
          })}
          {idle.map((friend) => {
            const { owner, name, here } = friend;
            return (
              <tr key={owner}>
                <td>
                  <a href={href({ page: 'friend', owner })}>
                    <Person name={name} />
                  </a>
                </td>
                <td className="numbers">
                  <Size bytes={here.shareBytes} />
                </td>
                <td className="numbers" />
                <td className="numbers" />
                <td className="numbers" />
                <td className="numbers">
                  <Size bytes={here.mayAskBytes} />
                </td>
                <td>{groundWords(friend, hosted)}</td>
                <td>{t('bed.state-empty')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}

/** What the friend's plots stand on, each once; without any, what would speak for one. */
function groundWords({ owner, here }: FriendView, hosted: AppSnapshot['hosted']): string {
  const kinds = new Set(hosted.filter((plot) => plot.owner === owner).map(({ ground }) => ground));
  if (kinds.size === 0) return t(`ground.${here.ground ?? 'none'}`);
  return [...kinds].map((kind) => t(`ground.${kind}`)).join(', ');
}
