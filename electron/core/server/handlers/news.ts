import { news } from '../../../../shared/wire/messages.ts';
import { parseMessage } from '../message-body.ts';
import { createRateLimiter } from '../rate-limit.ts';
import { deny } from '../replies.ts';
import type { Route } from '../router.ts';
import type { Parts } from './parts.ts';

/** A friend's device tells what is new, and hears what is new here. */
export function newsRoutes({ onNews, limits, clock }: Parts): readonly Route[] {
  const limit = createRateLimiter(limits.news, clock);
  return [
    {
      method: 'POST',
      path: '/v1/news',
      access: 'friend',
      handle: async ({ caller, body }) => {
        if (caller.device === undefined) return deny('unknown-peer');
        if (!limit.admit(caller.device)) return deny('rate-limited');
        const message = parseMessage(body, news, limits);
        if (!message.ok) return deny(message.fault.code, message.fault.params);
        const answer = await onNews(caller.device, message.value, caller.address);
        return typeof answer === 'string' ? deny(answer) : { status: 200, body: answer };
      },
    },
  ];
}
