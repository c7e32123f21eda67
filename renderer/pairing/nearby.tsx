import { useEffect, useState } from 'react';
import type {
  AppSnapshot,
  NearbyView,
  NetworksView,
  PairingView,
} from '../../shared/contract/views.ts';
import { nameInSentence, tameText } from '../../shared/words/short-name.ts';
import { HomeQuestions } from '../networks/home-question.tsx';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Empty } from '../ui/states.tsx';
import { KeyTail, Machine } from './machine.tsx';
import { isOpen } from './pairing-states.ts';
import { StopCalling } from './stop-calling.tsx';
import { whoIsNear } from './who-is-near.ts';

/** So many are looked through at a glance; the core never sends more than 64. */
const SHOWN = 20;
const SHOWN_SMALL = 6;

/** Who is near and nobody's we know, or why nobody is; one press begins the comparing. */
export function Nearby({
  snapshot,
  small = false,
  onCalled,
}: {
  readonly snapshot: AppSnapshot;
  /** Where it is not what the page is about: fewer at once. */
  readonly small?: boolean;
  readonly onCalled?: () => void;
}) {
  const isLooking = useIsLooking(snapshot.networks);
  const [all, setAll] = useState(false);
  const { nearby, pairings, settings, status } = snapshot;
  const homes = snapshot.networks.networks.filter(({ home }) => home === true);
  const shown = all ? nearby : nearby.slice(0, small ? SHOWN_SMALL : SHOWN);
  const more = nearby.length - shown.length;
  return (
    <div className="stack tight">
      <HomeQuestions snapshot={snapshot} />
      {settings.visible ? null : <Invisible />}
      {status.port === null ? <NotListening /> : null}
      {nearby.length === 0 ? (
        <Nobody snapshot={snapshot} isLooking={isLooking} />
      ) : (
        <>
          <ul className="lines card" aria-label={t('nearby.title')}>
            {shown.map((device) => (
              <NearbyLine
                key={device.id}
                device={device}
                isComparing={isBeingCompared(device, pairings)}
                saysNetwork={homes.length > 1}
                {...(onCalled === undefined ? {} : { onCalled })}
              />
            ))}
          </ul>
          {more === 0 ? null : (
            <div className="row">
              <Button onPress={() => setAll(true)}>{t('nearby.more', { count: more })}</Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}

function NearbyLine({
  device,
  isComparing,
  saysNetwork,
  onCalled,
}: {
  readonly device: NearbyView;
  readonly isComparing: boolean;
  /** Where there is only one, nobody asks in which. */
  readonly saysNetwork: boolean;
  readonly onCalled?: () => void;
}) {
  const { call, busy, problem } = useCall();
  const { id, kind, tail, network, state } = device;
  const name = nameInSentence(device.name);
  const add = async () => {
    if ((await call('pairings.start', { nearby: id })) !== undefined) onCalled?.();
  };
  return (
    <li className="stack tight">
      <div className="row between">
        <div className="row-words">
          <p className="row">
            <span className="friend-name">
              <Person name={device.name} max={40} />
            </span>
            <span className={state === 'silent' ? 'small warn' : 'small quiet'}>
              {t(isComparing ? 'nearby.comparing' : `nearby.state-${state}`)}
              {state === 'silent' ? (
                <>
                  {' '}
                  <a
                    href={href({ page: 'troubles' })}
                    aria-label={t('nearby.silent-why-what', { name })}
                  >
                    {t('nearby.silent-why')}
                  </a>
                </>
              ) : null}
            </span>
          </p>
          <p className="row small quiet device-line">
            <Machine kind={kind} />
            {tail === null ? null : <KeyTail tail={tail} />}
            {saysNetwork ? (
              <span>{t('nearby.network', { network: tameText(network, NETWORK_CHARS) })}</span>
            ) : null}
          </p>
        </div>
        <div className="row">
          {busy ? <StopCalling /> : null}
          <Button
            disabled={busy || isComparing}
            label={t('nearby.add-what', { name })}
            onPress={() => void add()}
          >
            {t(busy ? 'nearby.calling' : 'nearby.add')}
          </Button>
        </div>
      </div>
      <Problem>{problem}</Problem>
    </li>
  );
}

const NETWORK_CHARS = 60;

function isBeingCompared({ tail, address }: NearbyView, pairings: readonly PairingView[]): boolean {
  return pairings.some(
    (pairing) => isOpen(pairing) && (pairing.tail === tail || pairing.address === address),
  );
}

function Nobody({
  snapshot,
  isLooking,
}: {
  readonly snapshot: AppSnapshot;
  readonly isLooking: boolean;
}) {
  const troubles = <a href={href({ page: 'troubles' })}>{t('nearby.find-out')}</a>;
  switch (whoIsNear(snapshot.networks, isLooking)) {
    case 'off':
      return <Empty title={t('trouble.network-doubtful_off')}>{t('nearby.off-next')}</Empty>;
    case 'no-network':
      return (
        <Empty title={t('nearby.no-network')} action={troubles}>
          {t('nearby.no-network-next')}
        </Empty>
      );
    case 'not-asked':
      return <p className="small quiet">{t('nearby.not-home-asked')}</p>;
    case 'not-home':
      return (
        <Empty
          title={t('nearby.not-home')}
          action={<a href={href({ page: 'settings' })}>{t('nearby.networks')}</a>}
        >
          {t('nearby.not-home-next')}
        </Empty>
      );
    case 'looking':
      return (
        <p className="quiet" role="status">
          {t('nearby.looking')}
        </p>
      );
    case 'nobody':
      return snapshot.friends.some(({ presence }) => presence.state === 'online') ? (
        // Where friends are heard, nothing is wrong.
        <p className="quiet">
          {t('nearby.nobody-new')} <a href={href({ page: 'troubles' })}>{t('nearby.missing')}</a>
        </p>
      ) : (
        <Empty title={t('nearby.nobody')} action={troubles}>
          {t('nearby.nobody-next')}
        </Empty>
      );
  }
}

function Invisible() {
  return (
    <p className="small">
      {t('nearby.invisible')} <a href={href({ page: 'settings' })}>{t('nearby.visible-act')}</a>
    </p>
  );
}

/** No port is open before somebody wants it, so that a firewall asks when the person knows why. */
function NotListening() {
  const { call, busy, problem } = useCall();
  return (
    <div className="card need">
      <p>{t('nearby.not-listening')}</p>
      <Button disabled={busy} onPress={() => void call('listening.begin', {})}>
        {t('nearby.listen')}
      </Button>
      <Problem>{problem}</Problem>
    </div>
  );
}

/** Longer than a device that is there takes to answer; sooner, "nobody" would be a guess. */
const LOOKING_MS = 4000;

/** Begins anew where another network is called home. */
function useIsLooking({ networks }: NetworksView): boolean {
  const [isLooking, setLooking] = useState(true);
  const homes = networks.flatMap(({ id, home }) => (home === true ? [id] : [])).join(' ');
  useEffect(() => {
    setLooking(true);
    const timer = setTimeout(() => setLooking(false), LOOKING_MS);
    return () => clearTimeout(timer);
  }, [homes]);
  return isLooking;
}
