import { DAY_S } from '../../shared/units.ts';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { currentUnits, dateTime, size } from '../state/words.ts';
import { axisSteps, type Columns } from './samples.ts';

/**
 * The chart itself, in a file of its own so that only a page that shows one loads the library. A canvas
 * knows neither custom properties nor forced colours: it is told every colour.
 */
export type ChartColours = {
  readonly written: string;
  readonly promised: string;
  readonly limit: string;
  readonly words: string;
  readonly rules: string;
};

export type Chart = {
  readonly show: (columns: Columns) => void;
  readonly resize: (width: number, height: number) => void;
  readonly remove: () => void;
};

export function drawChart(
  place: HTMLElement,
  {
    columns,
    colours,
    width,
    height,
    onPoint,
  }: {
    readonly columns: Columns;
    readonly colours: ChartColours;
    readonly width: number;
    readonly height: number;
    /** Which sample the pointer is at. */
    readonly onPoint: (index: number | undefined) => void;
  },
): Chart {
  const font = `13px ${getComputedStyle(place).fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: colours.words,
    font,
    grid: { stroke: colours.rules, width: 1 },
    ticks: { show: false },
  };
  const plot = new uPlot(
    {
      width,
      height,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      // Nothing to zoom into and nothing to drag: the ranges above the chart do that.
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: true },
        y: { range: (_, __, most) => [0, most <= 0 ? 1 : most * 1.06] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 72,
          size: 28,
          values: (_, at, __, ___, step) => at.map(dateOf(step)),
        },
        {
          ...axis,
          space: 36,
          size: (_, words) => widest(words) * 7.5 + 12,
          incrs: [...axisSteps(currentUnits())],
          values: (_, at) => at.map((bytes) => size(BigInt(Math.round(bytes)))),
        },
      ],
      series: [
        {},
        { stroke: colours.written, fill: colours.written, width: 1, points: { show: false } },
        { stroke: colours.promised, width: 2, points: { show: false } },
        {
          stroke: colours.limit,
          width: 2,
          dash: [6, 4],
          points: { show: false },
          // A limit holds until it is changed; it does not glide.
          ...(uPlot.paths.stepped === undefined
            ? {}
            : { paths: uPlot.paths.stepped({ align: 1 }) }),
        },
      ],
      hooks: { setCursor: [(self) => onPoint(self.cursor.idx ?? undefined)] },
    },
    dataOf(columns),
    place,
  );
  return {
    show: (next) => plot.setData(dataOf(next)),
    resize: (nextWidth, nextHeight) => plot.setSize({ width: nextWidth, height: nextHeight }),
    remove: () => plot.destroy(),
  };
}

function dataOf({ times, written, promised, limit }: Columns): uPlot.AlignedData {
  return [[...times], [...written], [...promised], [...limit]];
}

function dateOf(stepS: number): (atS: number) => string {
  const style: Intl.DateTimeFormatOptions =
    stepS >= 28 * DAY_S
      ? { month: 'short', year: 'numeric' }
      : stepS >= DAY_S
        ? { day: 'numeric', month: 'short' }
        : { hour: 'numeric', minute: '2-digit' };
  return (atS) => dateTime(atS * 1000, style);
}

function widest(words: readonly string[] | null): number {
  return Math.max(0, ...(words ?? []).map((word) => word.length));
}
