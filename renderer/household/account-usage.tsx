import type { AccountView } from '../../shared/contract/household-views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { isUnnamed, ownerWords } from '../introductions/owner-words.ts';
import { t } from '../state/words.ts';
import { Person, Size, When } from '../ui/figures.tsx';
import { TableFrame } from '../ui/table-frame.tsx';

/** Who holds what where on an account, as its hosts have told. */
export function AccountUsage({
  account: { account, usage },
  self,
}: {
  readonly account: AccountView;
  readonly self: string;
}) {
  const title = t('household.usage', { account: nameInSentence(account, 40) });
  return (
    <TableFrame label={title}>
      <table>
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('household.member')}</th>
            <th scope="col" className="numbers">
              {t('household.charged')}
            </th>
            <th scope="col">{t('household.where')}</th>
            <th scope="col" className="numbers">
              {t('household.plots')}
            </th>
            <th scope="col">{t('household.compared')}</th>
          </tr>
        </thead>
        <tbody>
          {usage.map(({ host, member, chargedBytes, plots, comparedMs }) => (
            <tr key={`${host.owner} ${member.owner}`}>
              <td>{isUnnamed(member) ? ownerWords(member) : <Person name={member.name} />}</td>
              <td className="numbers">
                <Size bytes={chargedBytes} />
              </td>
              <td>
                {host.owner === self
                  ? t('household.at-here')
                  : t('household.at', { host: ownerWords(host) })}
              </td>
              <td className="numbers">{plots}</td>
              <td className="nowrap">
                <Compared ms={comparedMs} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Compared({ ms }: { readonly ms: number | null }) {
  if (ms === null) return t('household.compared-never');
  return <When ms={ms}>{t('household.compared-since', { comparedMs: ms })}</When>;
}
