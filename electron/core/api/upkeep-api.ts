import type { Api } from '../../../shared/contract/api.ts';
import type { OverShareView } from '../../../shared/contract/space-views.ts';
import { ok } from '../../../shared/result.ts';
import type { CoreParts } from './core-parts.ts';

type UpkeepApi = Pick<Api, 'space.get' | 'shares.over' | 'shares.ask-less' | 'shares.end'>;

export function upkeepApi(parts: CoreParts): UpkeepApi {
  const over = async () => ok(await overShareViews(parts));
  return {
    'space.get': async () =>
      ok({
        dataBytes: '0',
        arrivingBytes: '0',
        leavingBytes: '0',
        overheadBytes: '0',
        onDiskBytes: '0',
        promisedBytes: '0',
        outstandingBytes: '0',
        freeBytes: '0',
        offerBytes: '0',
        asOfMs: 0,
      }),
    'shares.over': over,
    'shares.ask-less': over,
    'shares.end': over,
  };
}

export async function overShareViews(_parts: CoreParts): Promise<readonly OverShareView[]> {
  return [];
}
