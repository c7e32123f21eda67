import { useLayoutEffect, useRef, useState } from 'react';
import type { AppSnapshot, FriendView, OfferView } from '../../shared/contract/views.ts';
import { formatBytes } from '../../shared/units.ts';
import { t } from '../state/words.ts';
import { Button } from '../ui/button.tsx';
import { layOutBed, type Stretch } from './bed-layout.ts';
import './bed.css';

const HEIGHT = 92;
const TOP = 40;
const BOTTOM = TOP + HEIGHT;
/** Letters of a name that fit above a stretch, at 15 px. */
const LETTER = 8;

/** The offer as one bar: a stretch per friend, filled as far as it is written, hatched as far as it is promised. */
export function Bed({
  offer,
  friends,
  asOfMs,
}: {
  readonly offer: OfferView;
  readonly friends: AppSnapshot['friends'];
  readonly asOfMs: number;
}) {
  const [asTable, setAsTable] = useState(false);
  const [frame, width] = useWidth();
  const layout = layOutBed(offer, friends, { width, nowMs: asOfMs });
  const { offerBytes, promisedBytes, writtenBytes } = offer;
  const summary = t('ui.bed-summary', { offerBytes, promisedBytes, writtenBytes });
  return (
    <section ref={frame} className="bed" aria-labelledby="bed-title">
      <div className="row between">
        <h2 id="bed-title">{t('ui.bed')}</h2>
        <span className="quiet numbers">{summary}</span>
      </div>
      <svg viewBox={`0 0 ${width} ${BOTTOM + 48}`} role="img" aria-label={summary}>
        <defs>
          <pattern
            id="hatch"
            width="8"
            height="8"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line className="hatch" x1="0" y1="0" x2="0" y2="8" />
          </pattern>
          <pattern id="dots" width="24" height="23" patternUnits="userSpaceOnUse">
            <circle className="dot" cx="5" cy="6" r="1" />
            <circle className="dot" cx="17" cy="17" r="1" />
          </pattern>
        </defs>
        <rect className="soil" x="0" y={TOP} width={layout.offerX} height={HEIGHT} />
        <rect x="0" y={TOP} width={layout.offerX} height={HEIGHT} fill="url(#dots)" />
        <rect
          className="mine"
          x={layout.offerX + 4}
          y={TOP + 1}
          width={width - layout.offerX - 5}
          height={HEIGHT - 2}
        />
        <text
          className="quiet"
          x={(layout.offerX + width) / 2 + 2}
          y={BOTTOM + 20}
          textAnchor="middle"
        >
          {t('ui.bed-mine')}
        </text>
        {layout.stretches.map((stretch) => (
          <StretchShape key={stretch.owner} stretch={stretch} />
        ))}
        {layout.more === undefined ? null : (
          <text x={layout.more.x + 8} y={TOP + HEIGHT / 2}>
            {t('ui.bed-more', { count: layout.more.count })}
          </text>
        )}
        {layout.stretches.length === 0 ? <EmptyStake /> : null}
        <line
          className="handle"
          x1={layout.offerX}
          x2={layout.offerX}
          y1={TOP - 10}
          y2={BOTTOM + 6}
        />
        <text x={layout.offerX} y={TOP - 18} textAnchor="end">
          {formatBytes(BigInt(offerBytes))}
        </text>
      </svg>
      <Button onPress={() => setAsTable(!asTable)}>{t('ui.bed-table')}</Button>
      {asTable ? <BedTable friends={friends} /> : null}
    </section>
  );
}

/** The bed is drawn as wide as it is, so that its letters keep their size. */
function useWidth() {
  const frame = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(1000);
  useLayoutEffect(() => {
    const { current } = frame;
    if (current === null) return undefined;
    const measure = () => {
      const style = getComputedStyle(current);
      const inner =
        current.clientWidth -
        Number.parseFloat(style.paddingLeft) -
        Number.parseFloat(style.paddingRight);
      setWidth(Math.max(200, Math.round(inner)));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    measure();
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}

function EmptyStake() {
  return (
    <g>
      <line className="stake" x1="60" x2="60" y1={TOP - 22} y2={BOTTOM - 20} />
      <text x="68" y={TOP - 12}>
        {t('ui.bed-empty')}
      </text>
    </g>
  );
}

function StretchShape({ stretch }: { readonly stretch: Stretch }) {
  const { x, width, writtenWidth, promisedWidth, friend, state, hasFence } = stretch;
  const letters = Math.max(3, Math.floor((width - 16) / LETTER));
  const name = friend.name.length > letters ? `${friend.name.slice(0, letters - 1)}…` : friend.name;
  return (
    <g className={state === 'away' || state === 'blocked' ? 'away' : ''}>
      <title>{stretchWords(friend)}</title>
      <rect className="promised-ground" x={x} y={TOP} width={promisedWidth} height={HEIGHT} />
      <rect x={x} y={TOP} width={promisedWidth} height={HEIGHT} fill="url(#hatch)" />
      <rect className="written" x={x} y={TOP} width={writtenWidth} height={HEIGHT} />
      {state === 'writing' ? (
        <rect className="edge" x={x + writtenWidth} y={TOP} width="2" height={HEIGHT} />
      ) : null}
      {hasFence ? (
        <line className="fence" x1={x + width} x2={x + width} y1={TOP - 6} y2={BOTTOM} />
      ) : null}
      <line className="stake" x1={x + 8} x2={x + 8} y1={TOP - 30} y2={TOP} />
      <text x={x + 14} y={TOP - 14}>
        {name}
      </text>
      <text className="quiet numbers" x={x + 2} y={BOTTOM + 20}>
        {friend.here.shareBytes === null
          ? t('ui.bed-line-open', { ...friend.here })
          : t('ui.bed-line', { ...friend.here })}
      </text>
      <text className={state === 'full' ? 'quiet warn' : 'quiet'} x={x + 2} y={BOTTOM + 40}>
        {stateWords(stretch)}
      </text>
    </g>
  );
}

function stretchWords({ name, here }: FriendView): string {
  const params = { friend: name, ...here };
  return here.shareBytes === null ? t('ui.bed-stretch-open', params) : t('ui.bed-stretch', params);
}

function stateWords({ state, friend }: Stretch): string {
  const { writtenBytes } = friend.here;
  if (state === 'held') return t('ui.state-written', { writtenBytes });
  return t(`ui.state-${state}`, { lastContactMs: friend.lastContactMs });
}

function BedTable({ friends }: { readonly friends: AppSnapshot['friends'] }) {
  const size = (text: string | null) =>
    text === null ? t('ui.no-limit') : formatBytes(BigInt(text));
  return (
    <table>
      <thead>
        <tr>
          <th>{t('ui.friend')}</th>
          <th className="numbers">{t('ui.share')}</th>
          <th className="numbers">{t('ui.promised')}</th>
          <th className="numbers">{t('ui.written')}</th>
          <th className="numbers">{t('ui.may-ask')}</th>
        </tr>
      </thead>
      <tbody>
        {friends.map(({ owner, name, here }) => (
          <tr key={owner}>
            <td>{name}</td>
            <td className="numbers">{size(here.shareBytes)}</td>
            <td className="numbers">{size(here.promisedBytes)}</td>
            <td className="numbers">{size(here.writtenBytes)}</td>
            <td className="numbers">{size(here.mayAskBytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
