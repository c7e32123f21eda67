/** A bed with its three stakes, drawn as in the mark: what the words below say, for whoever sees it. */
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
      <rect className="drawing-soil" x="1" y="48" width="638" height="56" rx="4" />
      <rect x="1" y="48" width="638" height="56" rx="4" fill="url(#welcome-soil)" />
      {STRETCHES.map(({ x, written, promised, top }) => (
        <g key={x}>
          <rect className="drawing-leaf" x={x} y="48" width={written} height="56" />
          <rect x={x + written} y="48" width={promised} height="56" fill="url(#welcome-promised)" />
          <path className="drawing-stake" d={`M${x + 20} 46V${top}`} />
        </g>
      ))}
      <path className="drawing-line" d="M213 48v56M426 48v56" />
      <rect className="drawing-line" x="1" y="48" width="638" height="56" rx="4" />
    </svg>
  );
}

/** Three friends: much written, much promised, just begun. */
const STRETCHES = [
  { x: 1, written: 128, promised: 32, top: 24 },
  { x: 213, written: 72, promised: 112, top: 6 },
  { x: 426, written: 40, promised: 0, top: 32 },
] as const;
