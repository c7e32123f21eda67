import type { CdpValue } from '../cdp.ts';
import { toAppAddress } from './protocol.ts';

/** What pages print and what they throw, as the event `console-message` tells it. */
export type ConsoleMessage = {
  readonly message: string;
  readonly level: 'info' | 'warning' | 'error' | 'debug';
  readonly lineNumber: number;
  readonly sourceId: string;
};

export function consoleMessage({ type, args, stackTrace }: CdpValue): ConsoleMessage {
  const words = (args as readonly CdpValue[]).map(
    ({ value, description }) => description ?? String(value),
  );
  const [frame] = stackTrace?.callFrames ?? [];
  return {
    message: words.join(' '),
    level: type === 'error' || type === 'warning' || type === 'debug' ? type : 'info',
    lineNumber: (frame?.lineNumber ?? 0) + 1,
    sourceId: toAppAddress(frame?.url ?? ''),
  };
}

export function exceptionMessage({ exceptionDetails }: CdpValue): ConsoleMessage {
  const { text, exception, lineNumber, url } = exceptionDetails;
  return {
    message: exception?.description ?? text,
    level: 'error',
    lineNumber: lineNumber + 1,
    sourceId: toAppAddress(url ?? ''),
  };
}
