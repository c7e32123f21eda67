import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Page } from '../../shared/contract/pages.ts';
import type { AppSnapshot, Revisioned } from '../../shared/contract/views.ts';
import { Banner } from '../frame/banner.tsx';
import { Announcements } from '../frame/frame.tsx';
import { Mark } from '../frame/mark.tsx';
import { later } from '../state/later.tsx';
import { go } from '../state/router.ts';
import { useWindow } from '../state/store.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Problem } from '../ui/problem.tsx';
import { type Draft, dropDraft, keepDraft, keptDraft, STEPS, type Step } from './draft.ts';
import { FriendsStep } from './friends-step.tsx';
import { ReadyStep } from './ready-step.tsx';
import { SpaceStep } from './space-step.tsx';
import { YouStep } from './you-step.tsx';
import './welcome.css';

const Recovery = later(async () => (await import('../recovery/recovery.tsx')).Recovery);

/** What each step is given besides what it is about. */
export type StepProps = {
  readonly snapshot: Revisioned & AppSnapshot;
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly onBack: () => void;
  readonly onNext: () => void;
};

/** The first run: four short steps, each of which can be skipped, and all of them at once. */
export function Welcome({ snapshot }: { readonly snapshot: Revisioned & AppSnapshot }) {
  // Whoever has begun with words goes on with them, also in a window that was opened anew.
  const [hasWords, setHasWords] = useState(false);
  const [isBack, setIsBack] = useState(false);
  const isRecovery = hasWords || snapshot.recovery.state !== 'none';
  const connection = useWindow((state) => state.connection);
  const keep = useWindow((state) => state.door?.keep);
  const [draft, setDraft] = useState(() => keptDraft(keep));
  const [visited, setVisited] = useState<ReadonlySet<Step>>(new Set([draft.step]));
  const { call, busy, problem } = useCall();
  const change = (part: Partial<Draft>) =>
    setDraft((before) => {
      const after = { ...before, ...part };
      keepDraft(keep, after);
      return after;
    });
  const { step } = draft;
  const at = STEPS.indexOf(step);
  const goTo = (to: Step | undefined) => {
    if (to === undefined) return;
    setVisited((before) => new Set([...before, to]));
    change({ step: to });
  };
  const finish = async (page: Page = { page: 'home' }) => {
    const saved = await call('settings.set', { welcomed: true });
    if (saved === undefined) return;
    dropDraft(keep);
    go(page);
  };
  const common = {
    snapshot,
    draft,
    change,
    onBack: () => goTo(STEPS[at - 1]),
    onNext: () => goTo(STEPS[at + 1]),
  };
  const steps: Readonly<Record<Step, ReactNode>> = {
    you: <YouStep {...common} onWords={() => setHasWords(true)} />,
    space: <SpaceStep {...common} />,
    friends: <FriendsStep {...common} />,
    ready: <ReadyStep {...common} onFinish={() => void finish()} busy={busy} />,
  };
  return (
    <div className="welcome">
      <Banner snapshot={snapshot} connection={connection} />
      <div className="welcome-page">
        <header className="row between">
          <p className="brand">
            <Mark />
            {t('ui.app')}
          </p>
          {step === 'ready' || isRecovery ? null : (
            <Button look="link" disabled={busy} onPress={() => void finish()}>
              {t('welcome.skip')}
            </Button>
          )}
        </header>
        <main>
          {isRecovery ? (
            <>
              <RecoveryHead isFound={snapshot.recovery.state === 'found'} />
              <Recovery
                snapshot={snapshot}
                onBack={() => {
                  setHasWords(false);
                  setIsBack(true);
                }}
                onRestore={(set) => void finish({ page: 'restore', set })}
                onFinish={() => void finish()}
              />
            </>
          ) : (
            <>
              <StepHead step={step} number={at + 1} isBack={isBack} />
              {STEPS.map((each) =>
                visited.has(each) ? (
                  // Hidden, not taken away: what was typed in it stays.
                  <div key={each} hidden={each !== step}>
                    {steps[each]}
                  </div>
                ) : null,
              )}
            </>
          )}
          <Problem>{problem}</Problem>
        </main>
      </div>
      <Announcements />
    </div>
  );
}

/** Takes the focus when the step changes, so that the next Tab is at the step's first field. */
function StepHead({
  step,
  number,
  isBack,
}: {
  readonly step: Step;
  readonly number: number;
  /** From the words, which had the page to themselves. */
  readonly isBack: boolean;
}) {
  const title = useRef<HTMLHeadingElement>(null);
  const first = useRef(isBack ? undefined : step);
  useEffect(() => {
    if (first.current === step) return;
    first.current = step;
    scrollTo(0, 0);
    title.current?.focus({ preventScroll: true });
  }, [step]);
  return (
    <div className="welcome-head">
      <p className="small quiet" id="welcome-progress">
        {t('welcome.progress', { number, count: STEPS.length })}
      </p>
      <ol className="welcome-dots" aria-hidden="true">
        {STEPS.map((each, place) => (
          <li key={each} className={place < number ? 'is-done' : undefined} />
        ))}
      </ol>
      <h1 ref={title} tabIndex={-1} aria-describedby="welcome-progress">
        {t(`welcome.${step}-title`)}
      </h1>
    </div>
  );
}

function RecoveryHead({ isFound }: { readonly isFound: boolean }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    scrollTo(0, 0);
    title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="welcome-head">
      <h1 ref={title} tabIndex={-1}>
        {t(isFound ? 'recovery.title-found' : 'recovery.title')}
      </h1>
    </div>
  );
}
