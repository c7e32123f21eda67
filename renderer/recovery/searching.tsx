import { type FormEvent, useState } from 'react';
import type { RecoveryView } from '../../shared/contract/backup-views.ts';
import type { AppSnapshot } from '../../shared/contract/views.ts';
import { say } from '../../shared/words/say.ts';
import { tameText } from '../../shared/words/short-name.ts';
import { namesWords } from '../state/names-words.ts';
import { isOfFolder } from '../state/of-folder.ts';
import { HomeQuestions } from '../networks/home-question.tsx';
import { isAsked } from '../networks/is-asked.ts';
import { useAct, useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/states.tsx';
import { Doubtful } from './doubtful.tsx';
import { NO_ADDRESS, SheetAddressFields, sheetAddressOf } from './sheet-address.tsx';

/** Who was found again, and which backups: the restore can begin as soon as one of them stands here. */
export function Searching({
  recovery,
  snapshot,
  onRestore,
  onOtherWords,
  onFinish,
}: {
  readonly recovery: RecoveryView;
  readonly snapshot: Pick<AppSnapshot, 'networks' | 'settings' | 'sets'>;
  readonly onRestore: (set: string) => void;
  /** Absent where there is nothing to be finished. */
  readonly onFinish?: () => void;
  /** Absent where they can't be typed again. */
  readonly onOtherWords?: (() => void) | undefined;
}) {
  const { state, friends, fault } = recovery;
  return (
    <div className="stack recovery">
      <p role="status">{t(`recovery.state-${state}`)}</p>
      {fault === null ? null : <Problem>{say(t, fault)}</Problem>}
      {state === 'searching' ? <WhichIsHome snapshot={snapshot} /> : null}
      {friends.length === 0 ? null : (
        <section className="card stack tight" aria-labelledby="recovery-friends">
          <h2 id="recovery-friends">{t('recovery.friends')}</h2>
          <ul className="lines">
            {friends.map(({ owner, name, online }) => (
              <li key={owner} className="row between">
                <strong>
                  <Person name={name} max={40} />
                </strong>
                <Tag tone={online ? 'good' : 'plain'}>
                  {t(online ? 'presence.online' : 'presence.away')}
                </Tag>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Doubtful doubtful={recovery.doubtful} />
      <RecoveredSets sets={recovery.sets} own={snapshot.sets} onRestore={onRestore} />
      {state === 'found' && friends.some(({ online }) => online) ? null : (
        <CallForm isNeeded={friends.every(({ online }) => !online)} />
      )}
      {onFinish === undefined ? null : (
        <div className="row end">
          {onOtherWords === undefined ? null : (
            <Button look="link" onPress={onOtherWords}>
              {t('recovery.other-words')}
            </Button>
          )}
          <Button onPress={onFinish}>{t('welcome.finish')}</Button>
        </div>
      )}
    </div>
  );
}

/** Nobody is heard, and nobody asked, in a network that is not called home. */
function WhichIsHome({
  snapshot,
}: {
  readonly snapshot: Pick<AppSnapshot, 'networks' | 'settings'>;
}) {
  if (!snapshot.networks.networks.some(isAsked)) return null;
  return (
    <section className="stack tight" aria-labelledby="recovery-near">
      <h2 id="recovery-near">{t('recovery.near')}</h2>
      <HomeQuestions snapshot={snapshot} />
    </section>
  );
}

export function RecoveredSets({
  sets,
  own,
  onRestore,
}: {
  readonly sets: RecoveryView['sets'];
  /** Those are gone on with here already. */
  readonly own: AppSnapshot['sets'];
  readonly onRestore: (set: string) => void;
}) {
  if (sets.length === 0) return null;
  return (
    <section className="card stack tight" aria-labelledby="recovery-sets">
      <h2 id="recovery-sets">{t('recovery.sets')}</h2>
      <ul className="lines">
        {sets.map(({ name, folders, host, friends }) => (
          <li key={name} className="row between">
            <div className="row-words">
              <p className="strong">{tameText(name, 80)}</p>
              <p className="small quiet">
                {folders.map((folder) => tameText(folder, 200)).join(', ')}
              </p>
              <p className="small quiet">
                {t('recovery.set-of', { name: tameText(host, 60), friends: namesWords(friends) })}
              </p>
            </div>
            <div className="row">
              {own.some((set) => set.name === name) ? null : <TakeOver set={name} />}
              <Button
                look="primary"
                label={t('backups.snapshots-what', { set: name })}
                onPress={() => onRestore(name)}
              >
                {t('backups.snapshots')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The old computer is gone, and this one goes on with what it backed up. */
function TakeOver({ set }: { readonly set: string }) {
  const [asking, setAsking] = useState(false);
  const act = useAct();
  const name = tameText(set, 80);
  return (
    <>
      <Button label={t('recovery.take-what', { set: name })} onPress={() => setAsking(true)}>
        {t('recovery.take')}
      </Button>
      {asking ? (
        <Confirm
          title={t('recovery.take-title', { set: name })}
          act={t('recovery.take-act')}
          onClose={() => setAsking(false)}
          onConfirm={() => act('recovery.take-over', { name: set })}
        >
          <p>{t('recovery.take-body')}</p>
        </Confirm>
      ) : null}
    </>
  );
}

/** The words for it elsewhere are of a friend who is known by name. */
function keyProblemOf(code: string | undefined): string | undefined {
  if (code === 'bad-arguments') return t('recovery.bad-key');
  return code === 'wrong-key' ? t('recovery.other-device') : undefined;
}

/** Whoever is in no common network is found by the address on the sheet. */
function CallForm({ isNeeded }: { readonly isNeeded: boolean }) {
  const [typed, setTyped] = useState(NO_ADDRESS);
  const { call, busy, problem, fault } = useCall();
  // A folder of a disk can be typed, too.
  const isOfAddress = fault?.code === 'bad-address' || isOfFolder(fault);
  const keyProblem = keyProblemOf(fault?.code);
  const wanted = sheetAddressOf(typed);
  const find = async (event: FormEvent) => {
    event.preventDefault();
    if (wanted !== undefined) await call('recovery.call', wanted);
  };
  return (
    <details className="card" {...(isNeeded ? { open: true } : {})}>
      <summary>{t('recovery.call')}</summary>
      <form className="stack recovery-sheet-fields" onSubmit={(event) => void find(event)}>
        <p className="quiet">{t('recovery.call-what')}</p>
        <SheetAddressFields
          typed={typed}
          onChange={setTyped}
          addressProblem={isOfAddress ? problem : undefined}
          keyProblem={keyProblem}
        />
        <Problem>{isOfAddress || keyProblem !== undefined ? undefined : problem}</Problem>
        <div className="row">
          <Button type="submit" disabled={busy || wanted === undefined}>
            {t(busy ? 'recovery.calling' : 'recovery.call-act')}
          </Button>
        </div>
      </form>
    </details>
  );
}
