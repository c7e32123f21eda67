import type { ReactNode } from 'react';
import type { StatusView, TroubleView } from '../../shared/contract/views.ts';
import { sayTrouble } from '../../shared/words/say-trouble.ts';
import { href } from '../state/router.ts';
import { t } from '../state/words.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Tag } from '../ui/states.tsx';

type State = TroubleView['state'];

const TONES = { good: 'good', doubtful: 'warn', bad: 'bad' } as const satisfies Record<
  State,
  string
>;

/** A tick, a question, an exclamation: told apart without their colours. */
const SIGNS: Readonly<Record<State, ReactNode>> = {
  good: <path d="M5.5 10.5l3 3 6-7" />,
  doubtful: <path d="M7.5 7.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.5v.2M10 14.2v.1" />,
  bad: <path d="M10 5.5v5.5M10 14v.2" />,
};

/** Where what helps is to be found in this window. */
const PLACES: Partial<Readonly<Record<TroubleView['id'], 'settings' | 'friends'>>> = {
  listening: 'friends',
  home: 'settings',
  visible: 'settings',
};

/** How one thing is; of what is not well, what it means and what helps. */
export function TroubleLine({
  trouble,
  platform,
}: {
  readonly trouble: TroubleView;
  readonly platform: StatusView['shell']['platform'];
}) {
  const { id, state } = trouble;
  const { title, means, mend, commands } = sayTrouble(t, trouble, platform);
  const isGood = state === 'good';
  const place = isGood ? undefined : PLACES[id];
  return (
    <div className="trouble">
      <svg className={`trouble-sign ${TONES[state]}`} viewBox="0 0 20 20" aria-hidden="true">
        <circle cx="10" cy="10" r="8.5" />
        {SIGNS[state]}
      </svg>
      <div className="stack tight">
        <p className="row">
          <span className={isGood ? undefined : 'strong'}>{title}</span>
          <Tag tone={TONES[state]}>{t(`trouble.state-${state}`)}</Tag>
        </p>
        {means === undefined ? null : <p className="quiet">{means}</p>}
        {mend === undefined ? null : (
          <p>
            <span className="strong">{t('troubles.mend')}:</span> {mend}
          </p>
        )}
        {place === undefined ? null : (
          <p>
            <a href={href({ page: place })}>{t(`troubles.to-${place}`)}</a>
          </p>
        )}
        {commands.length === 0 ? null : (
          <dl className="trouble-commands">
            {commands.map(({ of, text }) => (
              <div key={of}>
                <dt className="small quiet">{of}</dt>
                <dd className="row">
                  <code>{text}</code>
                  <CopyButton text={text} label={t('settings.copy-what', { text })} />
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </div>
  );
}
