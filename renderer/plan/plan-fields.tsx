import { type ReactNode, useRef } from 'react';
import { RETENTION_RULES } from '../../shared/backup/retention.ts';
import { EVERY } from '../../shared/model/plan-at-first.ts';
import { t } from '../state/words.ts';
import { CheckLine } from '../ui/checks.tsx';
import { Choice } from '../ui/choice.tsx';
import { Field } from '../ui/field.tsx';
import { LinesField } from '../ui/lines-field.tsx';
import { Select } from '../ui/select.tsx';
import {
  isAtTime,
  KEEPS,
  type PlanForm,
  type PlanProblem,
  retentionOf,
  withKeep,
} from './plan-form.ts';
import { retentionWords, weekdayName } from './plan-words.ts';
import './plan.css';

export type FieldsProps = {
  readonly form: PlanForm;
  readonly change: (part: Partial<PlanForm>) => void;
  /** What is wrong with this part, said at it. */
  readonly problem: (...kinds: readonly PlanProblem[]) => string | undefined;
};

/** A part of the form that is folded away behind what it says now. */
export function Part({
  title,
  words,
  isOpen,
  children,
}: {
  readonly title: string;
  readonly words: string;
  /** Something in it is wrong. */
  readonly isOpen: boolean;
  readonly children: ReactNode;
}) {
  // What was opened for somebody does not shut while the error in it is mended.
  const wasOpen = useRef(false);
  if (isOpen) wasOpen.current = true;
  return (
    <details className="plan-part" {...(wasOpen.current ? { open: true } : {})}>
      <summary>
        {title} <span className="hint block plan-words">{words}</span>
      </summary>
      <div className="stack plan-fields">{children}</div>
    </details>
  );
}

export function ScheduleFields({ form, change, problem }: FieldsProps) {
  const isByItself = form.every !== 'hand';
  return (
    <>
      <Select
        label={t('plan.every')}
        value={form.every}
        options={EVERY.map((value) => ({ value, label: t(`plan.every-${value}`) }))}
        onChange={(every) => change({ every })}
      />
      {form.every === 'week' ? (
        <Select
          label={t('plan.weekday')}
          value={form.weekday}
          options={['1', '2', '3', '4', '5', '6', '0'].map((value) => ({
            value,
            label: weekdayName(Number(value)),
          }))}
          onChange={(weekday) => change({ weekday })}
        />
      ) : null}
      {isAtTime(form.every) ? (
        <Field
          narrow
          label={t('plan.at')}
          hint={t('plan.at-hint')}
          value={form.at}
          onChange={(at) => change({ at })}
          problem={problem('bad-time')}
        />
      ) : null}
      {isByItself ? (
        <>
          <CheckLine
            label={t('plan.idle')}
            hint={t('plan.idle-hint')}
            isChecked={form.whenIdle}
            onChange={(whenIdle) => change({ whenIdle })}
          />
          <CheckLine
            label={t('plan.battery')}
            isChecked={form.onBattery}
            onChange={(onBattery) => change({ onBattery })}
          />
          <CheckLine
            label={t('plan.quiet')}
            hint={t('plan.quiet-hint')}
            isChecked={form.isQuiet}
            onChange={(isQuiet) => change({ isQuiet })}
          />
          {form.isQuiet ? (
            <div className="row top">
              <Field
                narrow
                label={t('plan.quiet-from')}
                value={form.quietFrom}
                onChange={(quietFrom) => change({ quietFrom })}
                problem={problem('bad-quiet')}
              />
              <Field
                narrow
                label={t('plan.quiet-until')}
                value={form.quietUntil}
                onChange={(quietUntil) => change({ quietUntil })}
              />
            </div>
          ) : null}
        </>
      ) : null}
    </>
  );
}

export function RetentionFields({ form, change, problem }: FieldsProps) {
  const retention = retentionOf(form);
  return (
    <>
      <Choice
        label={t('plan.keep')}
        value={form.keep}
        onChange={(keep) => change(withKeep(form, keep))}
        options={KEEPS.map((value) => ({ value, label: t(`plan.keep-of-${value}`) }))}
      />
      {form.keep === 'own' ? (
        <div className="plan-counts" role="group" aria-label={t('plan.keep-of-own')}>
          {RETENTION_RULES.map((rule) => (
            <Field
              key={rule}
              narrow
              label={t(`plan.count-${rule}`)}
              value={form.counts[rule]}
              onChange={(text) => change({ counts: { ...form.counts, [rule]: text } })}
              maxLength={4}
            />
          ))}
        </div>
      ) : null}
      {problem('bad-counts') === undefined ? null : (
        <p className="fault small" role="alert">
          {problem('bad-counts')}
        </p>
      )}
      <p className="hint" role="status">
        {retention === undefined ? '' : retentionWords(retention)}
      </p>
    </>
  );
}

export function RulesFields({ form, change, problem }: FieldsProps) {
  return (
    <>
      <LinesField
        label={t('backups.exclude')}
        hint={t('backups.exclude-hint')}
        value={form.exclude}
        onChange={(exclude) => change({ exclude })}
        problem={problem('bad-exclude')}
      />
      <details>
        <summary>{t('plan.patterns-open')}</summary>
        <ul className="patterns small">
          {(['name', 'folder', 'path', 'deep', 'but'] as const).map((which) => (
            <li key={which}>
              <code>{PATTERNS[which]}</code> {t(`plan.pattern-${which}`)}
            </li>
          ))}
        </ul>
      </details>
      <CheckLine
        label={t('plan.caches')}
        hint={t('plan.caches-hint')}
        isChecked={form.caches}
        onChange={(caches) => change({ caches })}
      />
      <Field
        narrow
        label={t('plan.largest')}
        hint={t('plan.largest-hint')}
        value={form.largest}
        onChange={(largest) => change({ largest })}
        problem={problem('bad-largest')}
      />
    </>
  );
}

/** The same in every language. */
const PATTERNS = {
  name: '*.tmp',
  folder: 'node_modules/',
  path: '/Downloads',
  deep: 'Videos/**/raw',
  but: '!important.tmp',
} as const;

export function GuardFields({
  form,
  change,
  problem,
  before,
}: FieldsProps & {
  /** Days of protection as they are; absent for a new set. */
  readonly before: number | undefined;
}) {
  const isLower = before !== undefined && before > 0 && Number(form.protectDays.trim()) < before;
  return (
    <>
      <Field
        narrow
        label={t('plan.protect')}
        hint={t('plan.protect-hint')}
        value={form.protectDays}
        onChange={(protectDays) => change({ protectDays })}
        problem={problem('bad-protect')}
        maxLength={3}
      />
      {isLower ? (
        <p className="small warn" role="status">
          {t('plan.protect-lower', { count: before })}
        </p>
      ) : null}
      <Field
        narrow
        label={t('plan.verify')}
        hint={t('plan.verify-hint')}
        value={form.verifyDays}
        onChange={(verifyDays) => change({ verifyDays })}
        problem={problem('bad-verify')}
        maxLength={4}
      />
    </>
  );
}
