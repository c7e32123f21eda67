import type { RecoveryView } from '../../shared/contract/backup-views.ts';
import { tameText } from '../../shared/words/short-name.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';

/** Friends whom only address books name that a thief may have written: the person says who is one. */
export function Doubtful({ doubtful }: { readonly doubtful: RecoveryView['doubtful'] }) {
  const { call, busy, problem } = useCall();
  if (doubtful.length === 0) return null;
  return (
    <section className="card stack tight" aria-labelledby="recovery-doubtful">
      <h2 id="recovery-doubtful">{t('recovery.doubtful')}</h2>
      <p className="quiet">{t('recovery.doubtful-what')}</p>
      <ul className="lines">
        {doubtful.map(({ owner, name, sinceMs, host }) => (
          <li key={owner} className="row between">
            <div>
              <strong>
                <Person name={name} max={40} />
              </strong>
              <p className="small quiet">
                {t('recovery.doubtful-since', { sinceMs, host: tameText(host, 40) })}
              </p>
            </div>
            <Button
              label={t('recovery.believe-what', { name: tameText(name, 40) })}
              disabled={busy}
              onPress={() => void call('recovery.believe', { friend: owner })}
            >
              {t('recovery.believe')}
            </Button>
          </li>
        ))}
      </ul>
      <Problem>{problem}</Problem>
    </section>
  );
}
