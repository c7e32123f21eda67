/**
 * How a call to a plot's repository can be refused, and the HTTP status of each. The body is
 * `{code, params}`; stock restic looks at the status only. The sentence is `plot.<code>`.
 */
export const plotFaults = {
  'bad-name': 400,
  'bad-request': 400,
  'hash-mismatch': 400,
  'too-short': 400,
  'too-long': 400,
  blocked: 403,
  'in-grace': 403,
  'object-differs': 403,
  'plot-unknown': 404,
  'object-unknown': 404,
  'no-such-method': 405,
  'too-slow': 408,
  'plot-ended': 409,
  'length-required': 411,
  'range-unsatisfiable': 416,
  'too-many-uploads': 429,
  'disk-failed': 503,
  paused: 503,
  'volume-missing': 503,
  'disk-full': 507,
  'plot-full': 507,
} as const satisfies Record<string, number>;

export type PlotFaultCode = keyof typeof plotFaults;

export type PlotFault = {
  readonly code: PlotFaultCode;
  readonly params?: Readonly<Record<string, string>> | undefined;
};

export function isPlotFaultCode(text: string): text is PlotFaultCode {
  return Object.hasOwn(plotFaults, text);
}
