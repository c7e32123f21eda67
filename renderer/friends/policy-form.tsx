import { type FormEvent, useEffect, useState } from 'react';
import type { FriendView, OfferView, SharePreview } from '../../shared/contract/views.ts';
import { parseSize } from '../../shared/units.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { useCall, useDoor } from '../state/use-call.ts';
import { asTypedSize, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice, type Option } from '../ui/choice.tsx';
import { Field } from '../ui/field.tsx';
import { Problem } from '../ui/problem.tsx';
import {
  choiceOf,
  type PlainPolicy,
  type PolicyChoice,
  type PolicyKind,
  policyOf,
  WEIGHTS,
} from './policy-choice.ts';

type Known = { readonly policy: PlainPolicy; readonly own: boolean };

/** "How much space for Ana?", with what comes of it, worked out by the decision itself. */
export function PolicyForm({
  friend,
  offer,
  onDone,
}: {
  readonly friend: FriendView;
  readonly offer: OfferView | null;
  readonly onDone?: () => void;
}) {
  const { owner } = friend;
  const door = useDoor();
  const [known, setKnown] = useState<Known>();
  const [choice, setChoice] = useState<PolicyChoice>();
  const { call, busy, problem } = useCall();
  useEffect(() => {
    let isCurrent = true;
    void door('policy.get', { friend: owner }).then((read) => {
      if (!isCurrent || !read.ok) return;
      setKnown(read.value);
      setChoice(choiceOf(read.value, asTypedSize));
    });
    return () => {
      isCurrent = false;
    };
  }, [door, owner]);
  const policy =
    known === undefined || choice === undefined ? undefined : policyOf(choice, known.policy);
  const previews = usePreview(owner, policy);
  if (choice === undefined || known === undefined)
    return <p className="quiet">{t('ui.loading')}</p>;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (policy === undefined) return;
    const set = await call('policy.set', { friend: owner, policy });
    if (set === undefined) return;
    setKnown(set);
    onDone?.();
  };
  const isBadSize = choice.kind === 'fixed' && choice.size !== '' && policy === undefined;
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <Choice<PolicyKind>
        label={t('policy.how')}
        value={choice.kind}
        options={kinds()}
        onChange={(kind) => setChoice({ ...choice, kind })}
      />
      {choice.kind === 'fair' ? (
        <Choice
          strip
          label={t('policy.weight')}
          value={choice.weight}
          options={weights(choice.weight)}
          onChange={(weight) => setChoice({ ...choice, weight })}
        />
      ) : null}
      {choice.kind === 'fixed' ? (
        <Field
          narrow
          label={t('policy.size')}
          value={choice.size}
          problem={isBadSize ? t('fault.bad-size') : undefined}
          onChange={(size) => setChoice({ ...choice, size })}
        />
      ) : null}
      <Consequences previews={previews} owner={owner} offer={offer} />
      <Problem>{problem}</Problem>
      <div className="row">
        <Button look="primary" type="submit" disabled={busy || policy === undefined}>
          {saveWords(choice, friend)}
        </Button>
      </div>
    </form>
  );
}

function kinds(): readonly Option<PolicyKind>[] {
  return (['default', 'fair', 'fixed', 'always', 'nothing'] as const).map((value) => ({
    value,
    label: t(`policy.kind-${value}`),
    hint: t(`policy.hint-${value}`),
  }));
}

function weights(present: string): readonly Option<string>[] {
  const known: readonly string[] = WEIGHTS;
  // Somebody may have chosen another one on the command line.
  const all = known.includes(present) ? known : [...known, present];
  return all.map((value) => ({ value, label: value === '0.5' ? '½' : value }));
}

/** Buttons say the act. */
function saveWords({ kind, size }: PolicyChoice, { name }: FriendView): string {
  const friend = shortName(name);
  const bytes = kind === 'fixed' ? parseSize(size.trim().replace(',', '.')) : undefined;
  if (bytes !== undefined) return t('policy.save-fixed', { friend, bytes: `${bytes}` });
  return t(kind === 'nothing' ? 'policy.save-nothing' : 'policy.save', { friend });
}

/** Asked again when the choice has stood still for a moment. */
const ASK_AFTER_MS = 250;

function usePreview(
  owner: string,
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
      void door('shares.preview', { friend: owner, policy: wish }).then((result) => {
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
  owner,
  offer,
}: {
  readonly previews: readonly SharePreview[] | undefined;
  readonly owner: string;
  readonly offer: OfferView | null;
}) {
  if (offer === null) return <p className="small quiet">{t('policy.no-offer')}</p>;
  const own = previews?.find((each) => each.owner === owner);
  if (previews === undefined || own === undefined) return null;
  const others = previews.filter(
    (each) => each.owner !== owner && each.shareBytes !== each.presentShareBytes,
  );
  const isBelow = own.shareBytes !== null && BigInt(own.shareBytes) < BigInt(own.promisedBytes);
  const friend = shortName(own.name);
  return (
    <div className="stack tight small" role="status">
      <p>
        {own.shareBytes === null
          ? t('policy.would-be-open', { friend, mayAskBytes: own.mayAskBytes })
          : t('policy.would-be', {
              friend,
              shareBytes: own.shareBytes,
              mayAskBytes: own.mayAskBytes,
            })}
      </p>
      {isBelow ? (
        <p className="warn">{t('policy.below', { friend, promisedBytes: own.promisedBytes })}</p>
      ) : null}
      {others.length === 0 ? null : (
        <p className="quiet">
          {others
            .slice(0, 3)
            .map(({ name, shareBytes, presentShareBytes }) =>
              t('policy.other', { friend: shortName(name), shareBytes, presentShareBytes }),
            )
            .join(' ')}
          {others.length > 3 ? ` ${t('policy.others', { count: others.length - 3 })}` : null}
        </p>
      )}
    </div>
  );
}
