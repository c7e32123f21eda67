/** The program's own sign: three stakes in their ground. */
export function Mark() {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d="M2 19h20M6 19V9M12 19V4M18 19v-7" />
    </svg>
  );
}
