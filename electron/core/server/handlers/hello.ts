import { type Hello, PROTOCOL_VERSION } from '../../../../shared/wire/messages.ts';
import type { Route } from '../router.ts';
import type { Parts } from './parts.ts';

export function helloRoutes({ identity, name, kind }: Parts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/hello',
      access: 'anyone',
      handle: () => ({
        status: 200,
        body: {
          v: PROTOCOL_VERSION,
          name: name(),
          owner: identity.owner,
          device: identity.device,
          kind: kind(),
          statement: identity.statement,
        } satisfies Hello,
      }),
    },
  ];
}
