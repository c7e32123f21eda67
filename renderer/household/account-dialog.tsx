import { type FormEvent, useState } from 'react';
import { NAME_CHARS_MAX } from '../../shared/model/bounds.ts';
import type { AccountView } from '../../shared/contract/household-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { labelsOf } from '../friends/namesakes.ts';
import { useCall } from '../state/use-call.ts';
import { currentUnits, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { type Check, Checks } from '../ui/checks.tsx';
import { Choice } from '../ui/choice.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { readSize } from '../ui/typed-size.ts';
import { useFirstInvalid } from '../ui/use-first-invalid.ts';
import {
  type AccountForm,
  type AccountProblem,
  callOf,
  formOf,
  problemsOf,
  SELF,
} from './account-form.ts';

/** Makes an account or changes one: what it is called, how much, for whom, and where it counts. */
export function AccountDialog({
  account,
  names,
  friends,
  self,
  onClose,
}: {
  /** `undefined`: a new one. */
  readonly account: AccountView | undefined;
  readonly names: readonly string[];
  readonly friends: readonly FriendView[];
  readonly self: string;
  readonly onClose: () => void;
}) {
  const [before] = useState(formOf(account, self));
  const [form, setForm] = useState<AccountForm>(before);
  const [tries, setTries] = useState(0);
  const { call, busy, problem } = useCall();
  const known = { account, names, units: currentUnits() };
  const wrong = problemsOf(form, known);
  const shown = useFirstInvalid(tries);
  const said = (...which: readonly AccountProblem[]) => {
    const found = tries > 0 ? wrong.find((each) => which.includes(each)) : undefined;
    return found === undefined ? undefined : t(PROBLEM_KEYS[found]);
  };
  const change = (part: Partial<AccountForm>) => setForm({ ...form, ...part });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (wrong.length > 0) return;
    const set = await call('accounts.set', callOf(form, known, before));
    if (set !== undefined) onClose();
  };
  const isNew = account === undefined;
  return (
    <Dialog
      title={
        isNew
          ? t('household.dialog-new')
          : t('household.dialog-edit', { account: nameInSentence(account.account, 40) })
      }
      onClose={onClose}
    >
      <form className="stack" ref={shown} onSubmit={(event) => void save(event)}>
        {isNew ? (
          <Field
            label={t('household.name')}
            hint={t('household.name-hint')}
            value={form.name}
            onChange={(name) => change({ name })}
            problem={said('no-name', 'bad-name', 'name-taken')}
            maxLength={NAME_CHARS_MAX}
            autoFocus
          />
        ) : null}
        <Field
          narrow
          label={t('household.plan')}
          hint={t('household.plan-hint')}
          value={form.plan}
          onChange={(plan) => change({ plan })}
          problem={said('no-plan')}
          autoFocus={!isNew}
        />
        <Field
          narrow
          label={t('household.until')}
          hint={t('household.until-hint')}
          value={form.until}
          onChange={(until) => change({ until })}
          problem={said('bad-day')}
          maxLength={12}
        />
        {isNew ? null : <Below account={account} plan={form.plan} />}
        <Members
          form={form}
          before={before}
          people={peopleOf(friends, account?.members)}
          onChange={change}
        />
        <Choice
          label={t('household.counts')}
          value={form.counts}
          options={[
            { value: 'all', label: t('household.counts-all') },
            { value: 'chosen', label: t('household.counts-chosen') },
          ]}
          onChange={(counts) => change({ counts })}
        />
        {form.counts === 'chosen' ? (
          <Checks
            label={t('household.hosts-choose')}
            values={form.hosts}
            options={[
              { value: SELF, label: t('household.hosts-self') },
              ...peopleOf(
                friends,
                account?.hosts.filter(({ owner }) => owner !== self),
              ),
            ]}
            onChange={(hosts) => change({ hosts })}
            problem={said('no-host')}
          />
        ) : null}
        <Problem>{problem}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {t(isNew ? 'household.make' : 'household.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const PROBLEM_KEYS: Readonly<Record<AccountProblem, string>> = {
  'no-name': 'household.no-name',
  'bad-name': 'household.bad-name',
  'name-taken': 'household.name-taken',
  'no-plan': 'fault.bad-size',
  'bad-day': 'household.bad-day',
  'no-host': 'household.no-host',
};

/** A plan may be lowered below what is in use; it is said before. */
function Below({ account, plan }: { readonly account: AccountView; readonly plan: string }) {
  const bytes = readSize(plan, currentUnits());
  const { chargedBytes } = account;
  if (bytes === undefined || bytes >= BigInt(chargedBytes)) return null;
  return (
    <p className="small warn" role="status">
      {t('household.plan-below', { chargedBytes })}
    </p>
  );
}

function Members({
  form,
  before,
  people,
  onChange,
}: {
  readonly form: AccountForm;
  readonly before: AccountForm;
  readonly people: readonly Check[];
  readonly onChange: (part: Partial<AccountForm>) => void;
}) {
  if (people.length === 0) return <p className="quiet">{t('household.members-no-friends')}</p>;
  const isLeftOut = before.members.some((owner) => !form.members.includes(owner));
  return (
    <>
      <Checks
        label={t('household.members-choose')}
        hint={t('household.members-hint')}
        values={form.members}
        options={people}
        onChange={(members) => onChange({ members })}
      />
      {isLeftOut ? (
        <p className="small warn" role="status">
          {t('household.members-left-out')}
        </p>
      ) : null}
    </>
  );
}

/** Friends, and whoever was chosen before and is none any more, so that leaving them is a choice. */
function peopleOf(
  friends: readonly FriendView[],
  chosen: AccountView['members'] = [],
): readonly Check[] {
  const gone = chosen.filter(({ owner }) => !friends.some((friend) => friend.owner === owner));
  const all = [...friends, ...gone];
  const labelOf = labelsOf(all);
  return all.map(({ owner, name }) => ({
    value: owner,
    label: <Person name={name} label={labelOf(owner)} />,
  }));
}
