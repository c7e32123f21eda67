import { denied } from '../../../../shared/model/allocate.ts';
import type { PlotId } from '../../../../shared/ids.ts';
import { refusalParams } from '../../../../shared/refusal-params.ts';
import { failed, ok } from '../../../../shared/result.ts';
import { shortName } from '../../../../shared/words/short-name.ts';
import { damageFound } from '../../../../shared/wire/protection.ts';
import { jsonOf } from '../../../../shared/wire/json.ts';
import { type PeerSession, readText } from '../../client/connection/peer-client.ts';
import type { DamageReport, ReportedObject } from './damage-report.ts';
import { faultOf } from '../plot-repository-store.ts';
import type { StoreObject, StoreOptions, StoreResult } from '../repository/repository-store.ts';

/** Few enough that the host has hashed them before anybody thinks that nothing moves any more. */
const TOLD_AT_ONCE = 8;
const ANSWER_MS = 60_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const DRIVE_CHARS = 32;

/** Tells the friend who keeps a plot of mine which objects of it came back damaged (PROTOCOL, "Damage"). */
export function createPlotDamage({
  plot,
  stream,
}: {
  readonly plot: PlotId;
  readonly stream: PeerSession['stream'];
}): DamageReport {
  async function tell(
    objects: readonly StoreObject[],
    signal: AbortSignal | undefined,
  ): Promise<StoreResult<{ objects: readonly ReportedObject[]; drive: string | undefined }>> {
    const named = objects.map(({ type, name }) => ({ type, name }));
    const answered = await stream({
      method: 'POST',
      path: `/v1/plots/${plot}/damage`,
      headers: { 'content-type': 'application/json' },
      body: [Buffer.from(JSON.stringify({ v: 1, objects: named }))],
      signal,
      answerMs: ANSWER_MS,
    });
    if (!answered.ok) return failed(faultOf(answered.fault));
    const text = await readText(answered.value, ANSWER_BYTES_MAX);
    if (!text.ok) return failed(faultOf(text.fault));
    const said = jsonOf(text.value);
    if (answered.value.statusCode !== 200) {
      const nearest = denied.safeParse(said).data?.reasons[0];
      const reason = nearest?.code ?? 'bad-request';
      const params = refusalParams(reason, nearest?.params ?? {});
      return failed({ code: 'refused', reason, params });
    }
    const found = damageFound.safeParse(said);
    if (!found.success) return failed({ code: 'damaged', detail: 'the answer to a report' });
    // About others nobody was asked.
    const asked = new Set(objects.map(keyOf));
    const { drive } = found.data;
    return ok({
      objects: found.data.objects.filter((object) => asked.has(keyOf(object))),
      drive: drive === undefined ? undefined : shortName(drive, DRIVE_CHARS),
    });
  }

  return async (objects, { signal }: StoreOptions = {}) => {
    const found: ReportedObject[] = [];
    let drive: string | undefined;
    let left = objects;
    while (left.length > 0) {
      const told = await tell(left.slice(0, TOLD_AT_ONCE), signal);
      // Where there was not time for all, the rest is asked about again; for none is no answer.
      const answered =
        told.ok && told.value.objects.length === 0
          ? failed({ code: 'damaged', detail: 'the answer to a report' } as const)
          : told;
      if (!answered.ok) {
        // What he has said holds: he has dropped what was damaged, and on which drive it lay he may not say again.
        return found.length > 0 ? ok({ drive, objects: found }) : answered;
      }
      found.push(...answered.value.objects);
      drive = answered.value.drive ?? drive;
      const heard = new Set(answered.value.objects.map(keyOf));
      left = left.filter((object) => !heard.has(keyOf(object)));
    }
    return ok({ drive, objects: found });
  };
}

function keyOf({ type, name }: StoreObject): string {
  return `${type}/${name}`;
}
