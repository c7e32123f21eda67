import { useId, useMemo, useState } from 'react';
import type { UsageSample } from '../../shared/contract/views.ts';
import { nameInSentence } from '../../shared/words/short-name.ts';
import { size, t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/choice.tsx';
import { Size, When } from '../ui/figures.tsx';
import { Empty, Failed, Loading } from '../ui/states.tsx';
import { ChartBox } from './chart-box.tsx';
import { changeIn, columnsOf, RANGES, type Range, risingIn, thinned } from './samples.ts';
import { useHistory } from './use-history.ts';
import { TableFrame } from '../ui/table-frame.tsx';
import './history.css';

const ROWS_MAX = 60;

type Whom = { readonly owner: string; readonly name: string };

/** Use over time of one friend here, or of all together: a sentence, a chart, and the figures behind it. */
export function History({ friend }: { readonly friend?: Whom }) {
  const [range, setRange] = useState<Range>('month');
  const { samples, problem, retry } = useHistory(friend?.owner, range);
  const title = useId();
  return (
    <section className="section history" aria-labelledby={title}>
      <div className="row between">
        <h2 id={title}>{t('history.title')}</h2>
        <Choice
          label={t('history.range')}
          value={range}
          options={RANGES.map((value) => ({ value, label: t(`history.range-${value}`) }))}
          onChange={setRange}
          strip
        />
      </div>
      {samples === undefined && problem !== undefined ? (
        <Failed problem={problem} onRetry={retry} />
      ) : samples === undefined ? (
        <div className="history-wait">
          <Loading what={t('history.loading')} />
        </div>
      ) : samples.length < 2 ? (
        <Empty title={t('history.empty')}>{t('history.empty-next')}</Empty>
      ) : (
        <Drawn samples={samples} range={range} friend={friend} />
      )}
    </section>
  );
}

function Drawn({
  samples,
  range,
  friend,
}: {
  readonly samples: readonly UsageSample[];
  readonly range: Range;
  readonly friend: Whom | undefined;
}) {
  const [isTable, setTable] = useState(false);
  const [at, setAt] = useState<number>();
  const words = useId();
  const drawn = useMemo(() => risingIn(samples), [samples]);
  const columns = useMemo(() => columnsOf(drawn), [drawn]);
  const point = at === undefined ? undefined : drawn[at];
  return (
    <div className="stack tight">
      <p id={words}>{summary(samples, range, friend)}</p>
      <ChartBox columns={columns} labelledBy={words} onPoint={setAt} />
      <div className="row between">
        <Button look="link" expanded={isTable} onPress={() => setTable(!isTable)}>
          {isTable ? t('history.table-hide') : t('history.table-show')}
        </Button>
        {/* What the pointer is at; the same figures stand in the table. */}
        <p className="small quiet numbers" aria-hidden="true">
          {point === undefined ? null : (
            <>
              <When ms={point.atMs} />
              {' · '}
              {t('history.point', {
                writtenBytes: point.writtenBytes,
                promisedBytes: point.promisedBytes,
              })}
            </>
          )}
        </p>
      </div>
      {isTable ? <Table samples={samples} /> : null}
    </div>
  );
}

function Table({ samples }: { readonly samples: readonly UsageSample[] }) {
  const rows = thinned(samples, ROWS_MAX).toReversed();
  return (
    <TableFrame label={t('history.table')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('history.when')}</th>
            <th scope="col" className="numbers">
              {t('history.written')}
            </th>
            <th scope="col" className="numbers">
              {t('history.promised')}
            </th>
            <th scope="col" className="numbers">
              {t('history.limit')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.atMs}>
              <th scope="row">
                <When ms={row.atMs} />
              </th>
              <td className="numbers">
                <Size bytes={row.writtenBytes} />
              </td>
              <td className="numbers">
                <Size bytes={row.promisedBytes} />
              </td>
              <td className="numbers">
                <Size bytes={row.limitBytes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function summary(samples: readonly UsageSample[], range: Range, friend: Whom | undefined): string {
  const change = changeIn(samples);
  if (change === undefined) return '';
  const { kind, changeBytes, fromBytes, toBytes, limitBytes } = change;
  const to =
    limitBytes === null
      ? size(toBytes)
      : t('history.of-limit', { toBytes: `${toBytes}`, limitBytes: `${limitBytes}` });
  return t(`history.${friend === undefined ? 'all' : 'friend'}-${kind}`, {
    name: nameInSentence(friend?.name ?? ''),
    changeBytes: `${changeBytes}`,
    fromBytes: `${fromBytes}`,
    to,
    period: t(`history.in-${range}`),
  });
}
