import { nameInSentence } from '../../shared/words/short-name.ts';
import { t } from '../state/words.ts';
import type { BedLayout, Patch, Stretch } from './bed-layout.ts';
import { stretchWords } from './bed-words.ts';

/** The bed itself, 92 px high (art direction); shapes only. */
export const BED_HEIGHT = 92;
const H = BED_HEIGHT;

export function BedDrawing({
  layout,
  label,
  id,
}: {
  readonly layout: BedLayout;
  readonly label: string;
  /** The patterns' ids begin with it; the legend uses them too. */
  readonly id: string;
}) {
  const { stretches, patches, offerX, width } = layout;
  const right = Math.max(offerX, ...stretches.map((each) => each.x + each.width));
  return (
    <svg className="bed-svg" width={width} height={H} role="img" aria-label={label}>
      <Patterns id={id} />
      <rect className="soil" x="0" y="0" width={right} height={H} />
      <rect x="0" y="0" width={right} height={H} fill={`url(#${id}-dots)`} />
      {stretches.map((stretch) => (
        <StretchShape key={stretch.owner} stretch={stretch} id={id} />
      ))}
      {patches.map((patch) => (
        <PatchShape key={patch.owner} patch={patch} id={id} />
      ))}
      <rect className="outline" x="0.5" y="0.5" width={Math.max(0, right - 1)} height={H - 1} />
      {stretches.map(({ owner, isDamaged, x, width: wide }) =>
        isDamaged ? (
          <g key={owner}>
            <rect
              className="damaged"
              x={x + 2}
              y="2"
              width={Math.max(4, wide - 4)}
              height={H - 4}
            />
            {wide < SIGN_MIN ? null : <Sign x={x + wide - 22} y={8} />}
          </g>
        ) : null,
      )}
    </svg>
  );
}

/** Narrower than this, the outline alone has to do. */
const SIGN_MIN = 40;

/** A warning sign: what is damaged must not be told by colour alone. */
function Sign({ x, y }: { readonly x: number; readonly y: number }) {
  return (
    <g className="sign" transform={`translate(${x} ${y})`}>
      <path className="sign-ground" d="M8 0 16 14H0z" />
      <path className="sign-mark" d="M8 5v4M8 11.5v.5" />
    </g>
  );
}

function StretchShape({ stretch, id }: { readonly stretch: Stretch; readonly id: string }) {
  const { x, width, writtenWidth, graceWidth, promisedWidth, state, hasFence } = stretch;
  const written = writtenWidth + graceWidth;
  return (
    <g className={state === 'away' || state === 'blocked' ? 'away' : undefined}>
      <title>{stretchWords(stretch)}</title>
      <rect className="promised-ground" x={x} y="0" width={promisedWidth} height={H} />
      <rect x={x} y="0" width={promisedWidth} height={H} fill={`url(#${id}-hatch)`} />
      <rect className="written" x={x} y="0" width={writtenWidth} height={H} />
      {graceWidth > 0 ? (
        <>
          <rect className="grace-ground" x={x + writtenWidth} y="0" width={graceWidth} height={H} />
          <rect
            x={x + writtenWidth}
            y="0"
            width={graceWidth}
            height={H}
            fill={`url(#${id}-stubble)`}
          />
        </>
      ) : null}
      {state === 'arriving' ? (
        <rect className="edge" x={x + Math.max(0, written - 1)} y="0" width="2" height={H} />
      ) : null}
      {hasFence ? (
        <line className="fence" x1={x + width - 0.5} x2={x + width - 0.5} y1="0" y2={H} />
      ) : null}
      {/* So that the whole stretch answers to the pointer, not only what is filled. */}
      <rect className="touch" x={x} y="0" width={width} height={H} />
    </g>
  );
}

function PatchShape({ patch, id }: { readonly patch: Patch; readonly id: string }) {
  const { x, width, writtenWidth, friend, bytes } = patch;
  return (
    <g>
      <title>
        {t('bed.patch', { friend: nameInSentence(friend.name), lentBytes: `${bytes}` })}
      </title>
      <rect className="promised-ground" x={x} y="7" width={width} height={H - 14} />
      <rect x={x} y="7" width={width} height={H - 14} fill={`url(#${id}-back-hatch)`} />
      <rect className="written" x={x} y="7" width={writtenWidth} height={H - 14} />
      <rect
        x={x}
        y="7"
        width={writtenWidth}
        height={H - 14}
        fill={`url(#${id}-back-hatch-light)`}
      />
      <rect className="visiting" x={x + 0.5} y="7.5" width={width - 1} height={H - 15} />
    </g>
  );
}

function Patterns({ id }: { readonly id: string }) {
  return (
    <defs>
      <Lines id={`${id}-hatch`} turn={45} className="hatch" />
      <Lines id={`${id}-back-hatch`} turn={-45} className="hatch" />
      <Lines id={`${id}-back-hatch-light`} turn={-45} className="hatch-light" />
      <Lines id={`${id}-stubble`} turn={90} className="hatch" />
      <pattern id={`${id}-dots`} width="24" height="23" patternUnits="userSpaceOnUse">
        <circle className="dot" cx="5" cy="6" r="1" />
        <circle className="dot" cx="17" cy="17" r="1" />
      </pattern>
    </defs>
  );
}

function Lines({
  id,
  turn,
  className,
}: {
  readonly id: string;
  readonly turn: number;
  readonly className: string;
}) {
  return (
    <pattern
      id={id}
      width="8"
      height="8"
      patternUnits="userSpaceOnUse"
      patternTransform={`rotate(${turn})`}
    >
      <line className={className} x1="1" y1="0" x2="1" y2="8" />
    </pattern>
  );
}
