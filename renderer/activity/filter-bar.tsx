import type { FriendView } from '../../shared/contract/views.ts';
import { DECISION_OUTCOMES } from '../../shared/model/decision-kinds.ts';
import { shortName } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import type { Option } from '../ui/choice.tsx';
import { Select } from '../ui/select.tsx';
import { BEFORE_FEED } from './feed-list.tsx';
import { type Filters, isAnything, WHAT, type What } from './filters.ts';

const WHATS = ['any', ...(Object.keys(WHAT) as What[])] as const;
const OUTCOMES = ['any', ...DECISION_OUTCOMES] as const;
const TIMES = ['any', 'today', 'week', 'month', 'year'] as const;

export function FilterBar({
  filters,
  friends,
  onChange,
  onClear,
}: {
  readonly filters: Filters;
  readonly friends: readonly FriendView[];
  readonly onChange: (filters: Filters) => void;
  /** Absent where the same is offered in another place. */
  readonly onClear?: () => void;
}) {
  return (
    <div
      id={BEFORE_FEED}
      className="stack tight"
      role="group"
      aria-label={t('activity.filters')}
      tabIndex={-1}
    >
      <div className="filters">
        <Select
          label={t('activity.friend')}
          value={filters.friend}
          options={[{ value: 'any', label: t('activity.friend-any') }, ...byName(friends)]}
          onChange={(friend) => onChange({ ...filters, friend })}
        />
        <Select
          label={t('activity.kind')}
          value={filters.what}
          options={WHATS.map((value) => ({ value, label: t(`activity.kind-${value}`) }))}
          onChange={(what) => onChange({ ...filters, what })}
        />
        <Select
          label={t('activity.outcome')}
          value={filters.outcome}
          options={OUTCOMES.map((value) => ({ value, label: t(`activity.outcome-${value}`) }))}
          onChange={(outcome) => onChange({ ...filters, outcome })}
        />
        <Select
          label={t('activity.time')}
          value={filters.time}
          options={TIMES.map((value) => ({ value, label: t(`activity.time-${value}`) }))}
          onChange={(time) => onChange({ ...filters, time })}
        />
      </div>
      {isAnything(filters) || onClear === undefined ? null : (
        <p className="row small quiet">
          {t('activity.filtered')}
          <Button look="link" onPress={onClear}>
            {t('activity.clear')}
          </Button>
        </p>
      )}
    </div>
  );
}

function byName(friends: readonly FriendView[]): readonly Option<string>[] {
  return friends
    .map(({ owner, name }) => ({ value: owner, label: shortName(name) }))
    .sort((one, other) => one.label.localeCompare(other.label));
}
