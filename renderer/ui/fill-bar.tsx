import './fill-bar.css';

/** How much of something is promised and written, as a small bar; `label` says the same in words. */
export function FillBar({
  label,
  whole,
  promised,
  written,
}: {
  readonly label: string;
  /** As long as the bar, at least; whatever is promised beyond it makes the bar stand for more. */
  readonly whole: bigint;
  readonly promised: bigint;
  readonly written: bigint;
}) {
  const length = Math.max(1, Number(whole), Number(promised));
  const percent = (bytes: bigint) =>
    `${Math.min(100, Math.max(0, (Number(bytes) / length) * 100))}%`;
  return (
    <div className="fill" role="img" aria-label={label}>
      <span className="fill-promised" style={{ width: percent(promised) }} />
      <span className="fill-written" style={{ width: percent(written) }} />
    </div>
  );
}
