import type { DenialCode } from '../../../shared/denial.ts';
import { plainDenial } from '../ledger/decision-log.ts';
import type { Reply } from '../ledger/ledger.ts';
import type { Response } from './router.ts';

export function deny(code: DenialCode, params: Readonly<Record<string, string>> = {}): Response {
  return fromReply(plainDenial(code, params));
}

export function fromReply({ status, answer }: Reply): Response {
  return { status, body: answer };
}
