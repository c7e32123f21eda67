/** A bed with three stakes: what the words beside it say, for whoever sees it. */
export function WelcomeDrawing() {
  return (
    <svg className="welcome-drawing" viewBox="0 0 640 112" aria-hidden="true">
      <defs>
        <pattern id="welcome-soil" width="16" height="16" patternUnits="userSpaceOnUse">
          <circle className="drawing-dot" cx="4" cy="4" r="1" />
          <circle className="drawing-dot" cx="12" cy="12" r="1" />
        </pattern>
        <pattern
          id="welcome-promised"
          width="8"
          height="8"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect className="drawing-pale" width="8" height="8" />
          <rect className="drawing-leaf" width="2" height="8" />
        </pattern>
      </defs>
      <rect className="drawing-soil" x="1" y="40" width="638" height="64" rx="4" />
      <rect x="1" y="40" width="638" height="64" rx="4" fill="url(#welcome-soil)" />
      {STRETCHES.map(({ x, written, promised, stake }) => (
        <g key={x}>
          <rect className="drawing-leaf" x={x} y="40" width={written} height="64" />
          <rect
            x={x + written}
            y="40"
            width={promised - written}
            height="64"
            fill="url(#welcome-promised)"
          />
          <path className="drawing-line" d={`M${x + 16} 52V${stake}`} />
          <rect className="drawing-tag" x={x + 8} y={stake - 8} width={TAG_PX} height="16" rx="3" />
        </g>
      ))}
      <path className="drawing-fence" d="M212 36v68M424 36v68" />
      <rect className="drawing-frame" x="1" y="40" width="638" height="64" rx="4" />
    </svg>
  );
}

const TAG_PX = 48;
const STRETCHES = [
  { x: 1, written: 128, promised: 160, stake: 18 },
  { x: 213, written: 72, promised: 184, stake: 10 },
  { x: 425, written: 40, promised: 40, stake: 22 },
] as const;
