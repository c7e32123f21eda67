import { type FormEvent, useState } from 'react';
import { useAnswer } from '../state/use-answer.ts';
import { useCall } from '../state/use-call.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { CheckLine } from '../ui/checks.tsx';
import { Problem } from '../ui/problem.tsx';
import { Saved } from '../ui/saved.tsx';
import { Failed } from '../ui/states.tsx';
import type { PlainPolicy } from './policy-choice.ts';

/** Stands for everybody who is no friend, where a policy is meant. */
export const GUESTS = 'guests';

type Chosen = { readonly voucher: boolean; readonly notes: boolean };
const KINDS = ['voucher', 'notes'] as const;

/** Whether somebody who is no friend can have room here: introduced by one, or with notes of mine. */
export function GuestPolicy({ hasBarter }: { readonly hasBarter: boolean }) {
  const { value, problem: readProblem, retry } = useAnswer('policy.get', { friend: GUESTS });
  const [changed, setChanged] = useState<Chosen>();
  const [saved, setSaved] = useState<PlainPolicy>();
  const { call, busy, problem } = useCall();
  const present = saved ?? value?.policy;
  if (present === undefined)
    return readProblem === undefined ? (
      <p className="quiet">{t('ui.loading')}</p>
    ) : (
      <Failed problem={readProblem} onRetry={retry} />
    );
  const asItIs = chosenOf(present);
  const chosen = changed ?? asItIs;
  const isUnchanged = KINDS.every((kind) => chosen[kind] === asItIs[kind]);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const policy = withChosen(present, chosen);
    const set = await call('policy.set', { friend: GUESTS, policy });
    if (set === undefined) return;
    setSaved(set.policy);
    setChanged(undefined);
  };
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <CheckLine
        label={t('guests.by-friends')}
        hint={t('guests.by-friends-hint')}
        isChecked={chosen.voucher}
        onChange={(voucher) => setChanged({ ...chosen, voucher })}
      />
      {/* Without barter no notes are taken from anybody. */}
      {hasBarter || asItIs.notes ? (
        <CheckLine
          label={t('guests.with-notes')}
          hint={t('guests.with-notes-hint')}
          isChecked={chosen.notes}
          onChange={(notes) => setChanged({ ...chosen, notes })}
        />
      ) : null}
      <Problem>{problem}</Problem>
      <div className="row">
        <Button type="submit" disabled={busy || isUnchanged}>
          {t('guests.save')}
        </Button>
        <Saved isSaved={saved !== undefined && changed === undefined} />
      </div>
    </form>
  );
}

function chosenOf({ grounds }: PlainPolicy): Chosen {
  const has = (kind: keyof Chosen) => grounds.some((ground) => ground.kind === kind);
  return { voucher: has('voucher'), notes: has('notes') };
}

/** What was set on the command line beside it, such as the most that one may have, stays. */
function withChosen({ guards, grounds }: PlainPolicy, chosen: Chosen): PlainPolicy {
  const kept = grounds.filter(
    ({ kind }) => (kind === 'voucher' && chosen.voucher) || (kind === 'notes' && chosen.notes),
  );
  const added = KINDS.filter((kind) => chosen[kind] && !kept.some((each) => each.kind === kind));
  return { guards, grounds: [...kept, ...added.map((kind) => ({ kind }))] };
}
