import { useEffect, useRef, useState } from 'react';
import { t } from '../state/words.ts';
import { useInView } from '../ui/use-in-view.ts';
import type { Chart, ChartColours } from './draw-chart.ts';
import type { Columns } from './samples.ts';

/**
 * Room for the chart: loads it, tells it how wide it is and what the colours are, and leaves it alone
 * while nobody can see it. The colours are read from the key above it, which is drawn with the tokens.
 */
export function ChartBox({
  columns,
  labelledBy,
  onPoint,
}: {
  readonly columns: Columns;
  readonly labelledBy: string;
  readonly onPoint: (index: number | undefined) => void;
}) {
  const figure = useRef<HTMLDivElement>(null);
  const { ref: box, isInView: isSeen } = useInView<HTMLDivElement>();
  const colourChanges = useColourChanges();
  const [wasSeen, setWasSeen] = useState(false);
  if (isSeen && !wasSeen) setWasSeen(true);
  const [hasFailed, setFailed] = useState(false);
  const chart = useRef<Chart>(undefined);
  const latest = useRef({ columns, onPoint });
  latest.current = { columns, onPoint };

  // Drawn anew when it comes into sight for the first time and when the colours are other ones.
  useEffect(() => {
    if (!wasSeen) return undefined;
    let isOver = false;
    let resizing: ResizeObserver | undefined;
    const draw = async () => {
      const { drawChart } = await import('./draw-chart.ts');
      const place = box.current;
      if (isOver || place === null || figure.current === null) return;
      const drawn = drawChart(place, {
        columns: latest.current.columns,
        colours: coloursOf(figure.current),
        width: place.clientWidth,
        height: place.clientHeight,
        onPoint: (index) => latest.current.onPoint(index),
      });
      chart.current = drawn;
      resizing = new ResizeObserver(() => drawn.resize(place.clientWidth, place.clientHeight));
      resizing.observe(place);
    };
    // A window that was open while the program was replaced asks for a file that is no more.
    draw().catch(() => setFailed(true));
    return () => {
      isOver = true;
      resizing?.disconnect();
      chart.current?.remove();
      chart.current = undefined;
    };
  }, [wasSeen, colourChanges]);

  useEffect(() => {
    if (isSeen) chart.current?.show(columns);
  }, [columns, isSeen]);

  return (
    <div className="history-figure" ref={figure}>
      <ul className="history-key row small quiet">
        {LINES.map((line) => (
          <li key={line}>
            <svg viewBox="0 0 24 12" width="24" height="12" aria-hidden="true" className={line}>
              {line === 'written' ? (
                <path d="M0 12V4l24-4v12z" fill="currentcolor" />
              ) : (
                <path d="M0 6h24" stroke="currentcolor" strokeWidth="2" />
              )}
            </svg>
            {t(`history.${line}`)}
          </li>
        ))}
      </ul>
      {hasFailed ? <p className="small quiet">{t('history.not-drawn')}</p> : null}
      <div
        className="history-box"
        role="img"
        aria-labelledby={labelledBy}
        hidden={hasFailed}
        ref={box}
      />
    </div>
  );
}

const LINES = ['written', 'promised', 'limit'] as const;

function coloursOf(figure: HTMLElement): ChartColours {
  const line = (name: (typeof LINES)[number]) => {
    const shown = figure.querySelector(`svg.${name}`);
    return shown === null ? 'currentcolor' : getComputedStyle(shown).color;
  };
  const frame = getComputedStyle(figure);
  return {
    written: line('written'),
    promised: line('promised'),
    limit: line('limit'),
    words: frame.color,
    rules: frame.borderBottomColor,
  };
}

/** Counts how often the colours have changed: by the setting, by the system, by forced colours. */
function useColourChanges(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const change = () => setChanges((count) => count + 1);
    const theme = new MutationObserver(change);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const media = [
      '(prefers-color-scheme: dark)',
      '(forced-colors: active)',
      '(prefers-contrast: more)',
    ];
    const lists = media.map((query) => matchMedia(query));
    for (const list of lists) list.addEventListener('change', change);
    return () => {
      theme.disconnect();
      for (const list of lists) list.removeEventListener('change', change);
    };
  }, []);
  return changes;
}
