import { useId } from 'react';
import type { AppSnapshot, NetworkView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { announcer } from '../state/announce.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { isAsked } from './is-asked.ts';
import { networkWords } from './network-words.ts';

/**
 * Asked once for each network: nothing is announced before somebody has said yes, and after a no it is
 * quiet for good. Who changes his mind finds the switches in Settings.
 */
export function HomeQuestions({
  snapshot,
}: {
  readonly snapshot: Pick<AppSnapshot, 'networks' | 'settings'>;
}) {
  const asked = snapshot.networks.networks.filter(isAsked);
  if (asked.length === 0) return null;
  return (
    <div className="stack tight">
      {asked.map((network) => (
        <HomeQuestion key={network.id} network={network} name={snapshot.settings.name} />
      ))}
    </div>
  );
}

function HomeQuestion({ network, name }: { readonly network: NetworkView; readonly name: string }) {
  const { call, busy, problem } = useCall();
  const title = useId();
  const which = useId();
  const label = networkWords(network);
  const of = network.kind === 'vpn' ? '-vpn' : '';
  const answer = async (home: boolean) => {
    const said = await call('networks.set', { network: network.id, home });
    if (said !== undefined)
      announcer.announce(t(`networks.${home ? 'said-yes' : 'said-no'}`, { label }));
  };
  const no = t('networks.no');
  const yes = t(`networks.yes${of}`);
  return (
    <section className="card acts stack tight" aria-labelledby={`${title} ${which}`}>
      <h3 id={title}>{t(`networks.ask${of}`)}</h3>
      <p className="numbers" id={which}>
        {label}
      </p>
      <p>{t(`networks.ask-what${of}`, { name: nameInSentence(name) })}</p>
      {network.hasRouter || network.kind === 'vpn' ? null : (
        <p className="hint">{t('networks.no-router')}</p>
      )}
      <Problem>{problem}</Problem>
      <div className="row">
        <Button
          disabled={busy}
          label={t('networks.which', { act: yes, label })}
          onPress={() => void answer(true)}
        >
          {yes}
        </Button>
        <Button
          disabled={busy}
          label={t('networks.which', { act: no, label })}
          onPress={() => void answer(false)}
        >
          {no}
        </Button>
      </div>
    </section>
  );
}
