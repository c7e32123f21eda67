import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { GROUNDS_MAX } from '../../shared/model/bounds.ts';
import { useWindow } from '../state/store.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Checks } from '../ui/checks.tsx';
import { Field } from '../ui/field.tsx';
import { Person } from '../ui/figures.tsx';
import {
  ASKED_KINDS,
  type AskedKind,
  furtherCount,
  type GroundChoice,
  type GroundProblems,
  moved,
  newGround,
  type PlainGround,
} from './ground-choice.ts';
import './policy.css';

/**
 * "What else speaks for a yes", folded away because in most homes nothing does. The order is the owner's: the
 * first that allows wins.
 */
export function GroundFields({
  order,
  main,
  problems,
  onChange,
}: {
  /** What would be tried, as it stands. */
  readonly order: readonly GroundChoice[];
  /** How much is given, in words. */
  readonly main: string;
  readonly problems: GroundProblems;
  readonly onChange: (order: readonly GroundChoice[]) => void;
}) {
  const [isOpen, setOpen] = useState(false);
  const [said, setSaid] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const focus = useRef<{ readonly at: number; readonly by: -1 | 1 }>(undefined);
  const count = furtherCount(order);
  const isWrong = Object.keys(problems).length > 0;
  const missing = ASKED_KINDS.filter((kind) => !order.some((each) => each.kind === kind));
  const nameOf = (choice: GroundChoice) => (choice.kind === 'main' ? main : groundName(choice));
  useLayoutEffect(() => {
    // The row took its buttons along; whoever moved it goes on where it is now.
    const wanted = focus.current;
    if (wanted === undefined) return;
    focus.current = undefined;
    const row = list.current?.children[wanted.at];
    const buttons = [...(row?.querySelectorAll<HTMLButtonElement>('[data-move] button') ?? [])];
    const [up, down] = buttons;
    const [first, second] = wanted.by === -1 ? [up, down] : [down, up];
    (first?.disabled === false ? first : second)?.focus();
  });
  const move = (at: number, by: -1 | 1) => {
    const choice = order[at];
    const next = moved(order, at, by);
    if (choice === undefined || next === order) return;
    focus.current = { at: at + by, by };
    setSaid(t('grounds.moved', { what: nameOf(choice), place: at + by + 1, count: order.length }));
    onChange(next);
  };
  const change = (at: number, choice: GroundChoice) =>
    onChange(order.map((each, index) => (index === at ? choice : each)));
  const byKeys = (at: number) => (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : undefined;
    if (!event.altKey || by === undefined) return;
    event.preventDefault();
    move(at, by);
  };
  return (
    <div className="stack tight">
      <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{count === 0 ? t('grounds.more') : t('grounds.more-set', { count })}</summary>
        <div className="stack guards">
          <p className="hint">{t('grounds.what')}</p>
          {count === 0 ? null : (
            <ol className="lines card grounds" ref={list} aria-label={t('grounds.order')}>
              {order.map((choice, at) => (
                // Two of a kind may stand there; what they hold is all in their props.
                // oxlint-disable-next-line react/no-array-index-key
                <li key={`${choice.kind} ${at}`} className="stack tight" onKeyDown={byKeys(at)}>
                  <div className="row between top">
                    <div className="row-words">
                      <p className="strong">{nameOf(choice)}</p>
                      <p className="hint">{t(`grounds.${choice.kind}-hint`)}</p>
                    </div>
                    <div className="row">
                      <Moves
                        name={nameOf(choice)}
                        isFirst={at === 0}
                        isLast={at === order.length - 1}
                        onMove={(by) => move(at, by)}
                      />
                      {choice.kind === 'main' ? null : (
                        <Button
                          label={t('grounds.remove-what', { what: nameOf(choice) })}
                          onPress={() => onChange(order.filter((each) => each !== choice))}
                        >
                          {t('grounds.remove')}
                        </Button>
                      )}
                    </div>
                  </div>
                  <Settings
                    choice={choice}
                    problems={problems}
                    onChange={(next) => change(at, next)}
                  />
                </li>
              ))}
            </ol>
          )}
          <Additions
            kinds={order.length < GROUNDS_MAX ? missing : []}
            onAdd={(kind) => {
              setSaid(t('grounds.added', { what: t(`grounds.${kind}`) }));
              onChange([...order, newGround(kind)]);
            }}
          />
          <p className="visually-hidden" role="status">
            {said}
          </p>
        </div>
      </details>
      {/* Folded away, nobody would see why it can't be saved. */}
      {isWrong && !isOpen ? <p className="fault small">{t('grounds.wrong')}</p> : null}
    </div>
  );
}

function groundName(choice: Exclude<GroundChoice, { kind: 'main' }>): string {
  return choice.kind === 'kept' ? keptName(choice.ground) : t(`grounds.${choice.kind}`);
}

/** As it is called where how much is chosen. */
function keptName({ kind }: PlainGround): string {
  switch (kind) {
    case 'fair-share':
      return t('policy.kind-fair');
    case 'quota':
      return t('policy.kind-fixed');
    case 'always':
      return t('policy.kind-always');
    default:
      return t(`grounds.${kind}`);
  }
}

function Moves({
  name,
  isFirst,
  isLast,
  onMove,
}: {
  readonly name: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onMove: (by: -1 | 1) => void;
}) {
  return (
    <span className="row" data-move>
      <Button
        label={t('grounds.up-what', { what: name })}
        disabled={isFirst}
        onPress={() => onMove(-1)}
      >
        {t('grounds.up')}
      </Button>
      <Button
        label={t('grounds.down-what', { what: name })}
        disabled={isLast}
        onPress={() => onMove(1)}
      >
        {t('grounds.down')}
      </Button>
    </span>
  );
}

function Additions({
  kinds,
  onAdd,
}: {
  readonly kinds: readonly AskedKind[];
  readonly onAdd: (kind: AskedKind) => void;
}): ReactNode {
  if (kinds.length === 0) return null;
  return (
    <div className="row" role="group" aria-label={t('grounds.add')}>
      <span className="quiet">{t('grounds.add')}</span>
      {kinds.map((kind) => (
        <Button
          key={kind}
          label={t('grounds.add-what', { what: t(`grounds.${kind}`) })}
          onPress={() => onAdd(kind)}
        >
          {t(`grounds.${kind}`)}
        </Button>
      ))}
    </div>
  );
}

/** What a ground wants to know, with what is wrong with it at its field. */
function Settings({
  choice,
  problems,
  onChange,
}: {
  readonly choice: GroundChoice;
  readonly problems: GroundProblems;
  readonly onChange: (choice: GroundChoice) => void;
}) {
  const said = (kind: AskedKind) => {
    const problem = problems[kind];
    return problem === undefined ? undefined : t(problem);
  };
  switch (choice.kind) {
    case 'main':
    case 'kept':
      return null;
    case 'account':
      return (
        <Keepers
          chosen={choice.keepers}
          problem={said('account')}
          onChange={(keepers) => onChange({ ...choice, keepers })}
        />
      );
    case 'reciprocal':
      return (
        <Field
          narrow
          label={t('grounds.ratio')}
          hint={t('grounds.ratio-hint')}
          value={choice.ratio}
          problem={said('reciprocal')}
          onChange={(ratio) => onChange({ ...choice, ratio })}
        />
      );
    case 'notes':
    case 'voucher':
      return (
        <Field
          narrow
          label={t('grounds.most')}
          hint={t(`grounds.most-hint-${choice.kind}`)}
          value={choice.most}
          problem={said(choice.kind)}
          onChange={(most) => onChange({ ...choice, most })}
        />
      );
  }
}

/** Whose accounts count here. One who was chosen before and is no friend any more can be taken out. */
function Keepers({
  chosen,
  problem,
  onChange,
}: {
  readonly chosen: readonly string[];
  readonly problem: string | undefined;
  readonly onChange: (keepers: readonly string[]) => void;
}) {
  const friends = useWindow((state) => state.snapshot?.friends) ?? [];
  const known = friends.filter(({ departed }) => !departed);
  const gone = chosen.filter((owner) => !known.some((each) => each.owner === owner));
  if (known.length + gone.length === 0) return <p className="hint">{t('grounds.no-keepers')}</p>;
  return (
    <Checks
      label={t('grounds.keepers')}
      values={chosen}
      options={[
        ...known.map(({ owner, name }) => ({
          value: owner,
          label: <Person name={name} max={40} />,
        })),
        ...gone.map((owner) => ({ value: owner, label: t('grounds.keeper-gone') })),
      ]}
      problem={problem}
      onChange={onChange}
    />
  );
}
