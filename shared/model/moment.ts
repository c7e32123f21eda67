/** A point in time, read once at the edge and handed down: nothing below reads a clock. */
export type Moment = {
  /** Wall clock, milliseconds since 1970; for display and for logs. */
  readonly nowMs: number;
  /** Service time of this host in whole seconds: the time it was up, awake and had its volume. Leases run in it. */
  readonly serviceS: number;
  /** Minutes since midnight where the host stands; undefined: not known. */
  readonly minuteOfDay?: number | undefined;
};
