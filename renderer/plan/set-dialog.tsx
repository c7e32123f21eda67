import { type FormEvent, useState } from 'react';
import { NAME_CHARS_MAX } from '../../shared/model/bounds.ts';
import type { BackupSetView } from '../../shared/contract/backup-views.ts';
import type { FriendView } from '../../shared/contract/views.ts';
import { labelsOf } from '../friends/namesakes.ts';
import { href } from '../state/router.ts';
import { useCall } from '../state/use-call.ts';
import { currentUnits, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Checks } from '../ui/checks.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Person } from '../ui/figures.tsx';
import { Problem } from '../ui/problem.tsx';
import { Select } from '../ui/select.tsx';
import { Empty } from '../ui/states.tsx';
import { useFirstInvalid } from '../ui/use-first-invalid.ts';
import { Estimate } from './estimate.tsx';
import { Folders } from './folders.tsx';
import { PlanParts } from './plan-parts.tsx';
import { rulesOf } from './plan-form.ts';
import {
  createOf,
  editOf,
  fieldOf,
  foldersOf,
  formOf,
  nameFor,
  newSetForm,
  problemsOf,
  type SetForm,
  type SetProblem,
  withFriends,
} from './set-form.ts';

/**
 * Everything about a set: which folders, at which friends', when, what is kept of it. For a new one the first
 * run begins at once. What most people leave alone is folded away behind what it says now.
 */
export function SetDialog({
  friends,
  set,
  chosen,
  onClose,
  onMade,
}: {
  readonly friends: readonly FriendView[];
  /** The one that is changed; absent: a new one. */
  readonly set?: BackupSetView;
  /** Whom it is about, where it is opened for somebody. */
  readonly chosen?: string;
  readonly onClose: () => void;
  readonly onMade?: () => void;
}) {
  const people = keepersOf(friends, set);
  const labelOf = labelsOf(people);
  const [before] = useState(() => firstForm(people, set, chosen));
  const [form, setForm] = useState<SetForm>(before);
  const [isNamed, setNamed] = useState(false);
  const [tries, setTries] = useState(0);
  const { call, busy, problem, fault } = useCall();
  const wrong = tries > 0 ? problemsOf(form, currentUnits()) : [];
  const at = fault === undefined ? undefined : fieldOf(fault, form);
  const said = (...kinds: readonly SetProblem[]) => {
    const kind = kinds.find((each) => wrong.includes(each));
    return kind === undefined ? undefined : t(`backups.${kind}`);
  };
  const change = (part: Partial<SetForm>) => setForm((was) => ({ ...was, ...part }));
  const shown = useFirstInvalid(tries);
  const send = async () => {
    if (set === undefined) {
      const made = await call('sets.create', createOf(form, currentUnits()));
      // Should the run not begin, the set is there all the same and says so on its card.
      if (made !== undefined) await call('sets.run', { name: made.name });
      return made;
    }
    return call('sets.edit', editOf(form, before, currentUnits()));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const isRight = problemsOf(form, currentUnits()).length === 0;
    const made = isRight ? await send() : undefined;
    setTries(tries + 1);
    if (made === undefined) return;
    onMade?.();
    onClose();
  };
  const title =
    set === undefined ? t('backups.new-title') : t('backups.edit-title', { set: set.name });
  if (friends.length === 0 && set === undefined)
    return (
      <Dialog title={title} onClose={onClose}>
        <Empty action={<a href={href({ page: 'friends' })}>{t('backups.to-friends')}</a>}>
          {t('backups.no-friends-next')}
        </Empty>
      </Dialog>
    );
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack set-form" ref={shown} onSubmit={(event) => void submit(event)}>
        <Folders
          folders={form.folders}
          isNew={set === undefined}
          onChange={(folders) =>
            change({
              folders,
              ...(set !== undefined || isNamed ? {} : { name: nameFor(folders[0] ?? '') }),
            })
          }
          problemAt={(index) =>
            at === index ? problem : index === 0 ? said('no-folder') : undefined
          }
        />
        {set === undefined ? (
          <Field
            label={t('backups.name')}
            value={form.name}
            onChange={(name) => {
              setNamed(true);
              change({ name });
            }}
            problem={at === 'name' ? problem : said('no-name', 'bad-name')}
            maxLength={NAME_CHARS_MAX}
          />
        ) : null}
        <Checks
          label={t('backups.to')}
          hint={t('backups.to-hint')}
          values={form.to}
          options={people.map(({ owner, name }) => ({
            value: owner,
            label: <Person name={name} label={labelOf(owner)} />,
          }))}
          onChange={(to) => setForm((was) => withFriends(was, to))}
          problem={at === 'friends' ? problem : said('no-friend')}
        />
        {form.to.length < 2 ? null : (
          <Select
            label={t('plan.copies')}
            value={`${form.copies}`}
            options={form.to.map((_, index) => ({
              value: `${index + 1}`,
              label: t('plan.copies-of', { count: index + 1 }),
            }))}
            onChange={(copies) => change({ copies: Number(copies) })}
          />
        )}
        {at === 'copies' ? <Problem>{problem}</Problem> : null}
        <PlanParts
          form={form}
          before={set?.plan.protectDays}
          change={change}
          wrong={wrong}
          said={said}
          fault={typeof at === 'string' ? { at, problem } : undefined}
        />
        <Estimate
          folders={foldersOf(form)}
          rules={rulesOf(form, currentUnits())}
          keepers={friends.filter(({ owner }) => form.to.includes(owner))}
        />
        <Problem>{at === undefined ? problem : undefined}</Problem>
        <div className="row end">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button look="primary" type="submit" disabled={busy}>
            {t(set === undefined ? 'backups.create' : 'backups.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

type Keeper = Pick<FriendView, 'owner' | 'name'>;

/**
 * Friends, and whoever keeps it without being one who can be chosen: somebody blocked, a host whose guest this owner is.
 * Whoever is not named in a change keeps it no longer, so that nobody may be left out unseen.
 */
function keepersOf(
  friends: readonly FriendView[],
  set: BackupSetView | undefined,
): readonly Keeper[] {
  const others = (set?.copies ?? []).filter(
    ({ owner, state }) => state !== 'gone' && !friends.some((friend) => friend.owner === owner),
  );
  return [...friends, ...others.map(({ owner, friend }) => ({ owner, name: friend }))];
}

function firstForm(
  people: readonly Keeper[],
  set: BackupSetView | undefined,
  chosen: string | undefined,
): SetForm {
  // One friend is no choice.
  if (set === undefined)
    return newSetForm(
      people
        .filter(({ owner }) => people.length === 1 || owner === chosen)
        .map(({ owner }) => owner),
    );
  const keepers = new Set(set.copies.map(({ owner }) => owner));
  const isKeeper = ({ owner, name }: Keeper) =>
    set.copies.length === 0 ? set.to.includes(name) : keepers.has(owner);
  return formOf(
    set,
    people.filter(isKeeper).map(({ owner }) => owner),
  );
}
