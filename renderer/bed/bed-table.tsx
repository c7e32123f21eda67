import type { AppSnapshot } from '../../shared/contract/views.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { Person, Size } from '../ui/figures.tsx';
import { layOutBed } from './bed-layout.ts';
import { stateWords } from './bed-words.ts';

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
    <div className="table-frame">
      <table>
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
                <td>{stateWords(stretch)}</td>
              </tr>
            );
          })}
          {idle.map(({ owner, name, here }) => (
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
              <td>{t('bed.state-empty')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
