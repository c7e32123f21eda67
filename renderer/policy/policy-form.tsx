import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { FriendView, OfferView, SharePreview } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { ownBytesOf } from '../bed/bed-words.ts';
import { useAnswer } from '../state/use-answer.ts';
import { useCall, useDoor } from '../state/use-call.ts';
import { currentUnits, size as sizeWords, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { CheckLine } from '../ui/checks.tsx';
import { Choice, type Option } from '../ui/choice.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import { Saved } from '../ui/saved.tsx';
import { Failed } from '../ui/states.tsx';
import { readSize } from '../ui/typed-size.ts';
import { readGrounds } from './ground-choice.ts';
import { GroundFields } from './ground-fields.tsx';
import { readGuards } from './guard-choice.ts';
import { GuardFields } from './guard-fields.tsx';
import {
  alone,
  choiceOf,
  orderOf,
  type PlainPolicy,
  type PolicyChoice,
  type PolicyKind,
  policyOf,
  WEIGHTS,
} from './policy-choice.ts';

type Known = { readonly policy: PlainPolicy; readonly own: boolean };

/**
 * "How much space for Ana?", with what comes of it, worked out by the decision itself. Without a friend:
 * what counts for everybody who has nothing of his own.
 */
export function PolicyForm({
  friend,
  offer,
  onDone,
  compact = false,
  suggested,
  beside,
}: {
  readonly friend?: FriendView;
  readonly offer: OfferView | null;
  readonly onDone?: () => void;
  /** Without the explanations, where there is little room. */
  readonly compact?: boolean;
  /** Chosen to begin with, for whoever has not been asked yet; it only counts once it is saved. */
  readonly suggested?: Pick<PolicyChoice, 'kind' | 'weight'>;
  /** Stands beside the button. */
  readonly beside?: ReactNode;
}) {
  const owner = friend?.owner;
  const whose = owner === undefined ? {} : { friend: owner };
  const [isSaved, setSaved] = useState(false);
  const read = useAnswer('policy.get', whose);
  const [known, setKnown] = useState<Known>();
  const [choice, setChoice] = useState<PolicyChoice>();
  const { call, busy, problem } = useCall();
  useEffect(() => {
    if (read.value === undefined) return;
    const value = owner === undefined ? { ...read.value, own: true } : read.value;
    setKnown(value);
    // Read again after the core was away: what somebody is about to choose stays chosen.
    setChoice((present) => present ?? { ...choiceOf(value), ...suggested });
    // Its value, not the object that each drawing makes anew.
  }, [read.value, owner, suggested?.kind, suggested?.weight]);
  const policy =
    known === undefined || choice === undefined
      ? undefined
      : policyOf(compact ? alone(choice) : choice, known.policy, currentUnits());
  const previews = usePreview(owner, policy);
  if (known === undefined && read.problem !== undefined)
    return <Failed problem={read.problem} onRetry={read.retry} />;
  if (choice === undefined || known === undefined)
    return <p className="quiet">{t('ui.loading')}</p>;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (policy === undefined) return;
    const set = await call('policy.set', { ...whose, policy });
    if (set === undefined) return;
    setKnown(owner === undefined ? { ...set, own: true } : set);
    setSaved(true);
    onDone?.();
  };
  const choose = (next: PolicyChoice) => {
    setSaved(false);
    setChoice(next);
  };
  // A suggestion that is so already is an answer too.
  const isUnchanged =
    policy === undefined ||
    (suggested === undefined && JSON.stringify(choice) === JSON.stringify(choiceOf(known)));
  const isBadSize =
    choice.kind === 'fixed' &&
    choice.size !== '' &&
    readSize(choice.size, currentUnits()) === undefined;
  const { problems } = readGuards(choice.guards, known.policy.guards, currentUnits());
  const order = orderOf(choice);
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <Choice<PolicyKind>
        label={t('policy.how')}
        value={choice.kind}
        options={kinds(friend !== undefined, compact)}
        onChange={(kind) => choose({ ...choice, kind })}
      />
      {/* Compared with whom? Only among friends a part can be larger. */}
      {choice.kind === 'fair' && friend !== undefined ? (
        <Choice
          strip
          label={t('policy.weight')}
          value={choice.weight}
          options={weights(choice.weight)}
          onChange={(weight) => choose({ ...choice, weight })}
          hint={t('policy.weight-hint')}
        />
      ) : null}
      {choice.kind === 'fair' ? (
        <CheckLine
          label={t('policy.lends')}
          {...(compact ? {} : { hint: t('policy.lends-hint') })}
          isChecked={choice.lends}
          onChange={(lends) => choose({ ...choice, lends })}
        />
      ) : null}
      {choice.kind === 'fixed' ? (
        <Field
          narrow
          label={t('policy.size')}
          value={choice.size}
          problem={isBadSize ? t('fault.bad-size') : undefined}
          onChange={(size) => choose({ ...choice, size })}
        />
      ) : null}
      {compact || choice.kind === 'default' ? null : (
        <>
          <GroundFields
            order={order}
            main={t(`policy.kind-${choice.kind}`)}
            problems={readGrounds(order, undefined, currentUnits()).problems}
            onChange={(changed) => choose({ ...choice, order: changed })}
          />
          <GuardFields
            choice={choice.guards}
            problems={problems}
            onChange={(guards) => choose({ ...choice, guards })}
          />
        </>
      )}
      <Consequences previews={previews} friend={friend} offer={offer} />
      <Problem>{problem}</Problem>
      <div className="row">
        <Button look="primary" type="submit" disabled={busy || isUnchanged}>
          {saveWords(choice, friend)}
        </Button>
        {beside}
        <Saved isSaved={isSaved} />
      </div>
    </form>
  );
}

function kinds(hasDefault: boolean, compact: boolean): readonly Option<PolicyKind>[] {
  const own = ['fair', 'fixed', 'always', 'nothing'] as const;
  return (hasDefault ? (['default', ...own] as const) : own).map((value) => ({
    value,
    label: t(`policy.kind-${value}`),
    ...(compact ? {} : { hint: t(`policy.hint-${value}`) }),
  }));
}

function weights(present: string): readonly Option<string>[] {
  const known: readonly string[] = WEIGHTS;
  // Somebody may have chosen another one on the command line.
  const all = known.includes(present) ? known : [...known, present];
  return all.map((value) => ({ value, label: value === '0.5' ? '½' : value }));
}

/** Buttons say the act. */
function saveWords({ kind, size }: PolicyChoice, of: FriendView | undefined): string {
  if (of === undefined) return t('policy.save-all');
  const friend = nameInSentence(of.name);
  const bytes = kind === 'fixed' ? readSize(size, currentUnits()) : undefined;
  if (bytes !== undefined) return t('policy.save-fixed', { friend, bytes: `${bytes}` });
  return t(kind === 'nothing' ? 'policy.save-nothing' : 'policy.save', { friend });
}

/** Asked again when the choice has stood still for a moment. */
const ASK_AFTER_MS = 250;

function usePreview(
  owner: string | undefined,
  policy: PlainPolicy | null | undefined,
): readonly SharePreview[] | undefined {
  const door = useDoor();
  const [previews, setPreviews] = useState<readonly SharePreview[]>();
  const text = policy === undefined ? undefined : JSON.stringify(policy);
  useEffect(() => {
    if (text === undefined) return setPreviews(undefined);
    let isCurrent = true;
    const timer = setTimeout(() => {
      const wish = JSON.parse(text) as PlainPolicy | null;
      const whose = owner === undefined ? {} : { friend: owner };
      void door('shares.preview', { ...whose, policy: wish }).then((result) => {
        if (isCurrent) setPreviews(result.ok ? result.value : undefined);
      });
    }, ASK_AFTER_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [door, owner, text]);
  return previews;
}

/** "Ana's share would be 120 GB." and whose share changes with it. */
function Consequences({
  previews,
  friend,
  offer,
}: {
  readonly previews: readonly SharePreview[] | undefined;
  readonly friend: FriendView | undefined;
  readonly offer: OfferView | null;
}) {
  const owner = friend?.owner;
  if (offer === null) return <p className="small quiet">{t('policy.no-offer')}</p>;
  const own = previews?.find((each) => each.owner === owner);
  if (previews === undefined || (own === undefined && owner !== undefined)) return null;
  const others = previews.filter(
    (each) => each.owner !== owner && each.shareBytes !== each.presentShareBytes,
  );
  return (
    <div className="stack tight small" role="status">
      {own === undefined ? null : <Own preview={own} />}
      {others.length === 0 ? null : (
        <p className="quiet">
          {others
            .slice(0, 3)
            .map(({ name, shareBytes, presentShareBytes }) =>
              t('policy.other', {
                friend: nameInSentence(name),
                share: limit(shareBytes),
                present: limit(presentShareBytes),
              }),
            )
            .join(' ')}
          {others.length > 3 ? ` ${t('policy.others', { count: others.length - 3 })}` : null}
        </p>
      )}
    </div>
  );
}

function Own({ preview }: { readonly preview: SharePreview }) {
  const { shareBytes, mayAskBytes, mayBorrowBytes } = preview;
  const friend = nameInSentence(preview.name);
  // What is lent takes nothing of a share.
  const ownBytes = ownBytesOf(preview);
  const isBelow = shareBytes !== null && BigInt(shareBytes) < ownBytes;
  return (
    <>
      <p>
        {shareBytes === null
          ? t('policy.would-be-open', { friend, mayAskBytes })
          : t('policy.would-be', { friend, shareBytes, mayAskBytes })}
        {mayBorrowBytes === '0' ? null : ` ${t('policy.would-lend', { mayBorrowBytes })}`}
      </p>
      {isBelow ? (
        <p className="warn">{t('policy.below', { friend, promisedBytes: `${ownBytes}` })}</p>
      ) : null}
    </>
  );
}

function limit(bytes: string | null): string {
  return bytes === null ? t('ui.no-limit') : sizeWords(bytes);
}
