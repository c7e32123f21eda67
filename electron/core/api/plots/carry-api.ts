import { isAbsolute } from 'node:path';
import { realpath } from 'node:fs/promises';
import type { Api } from '../../../../shared/contract/api.ts';
import { type Fault, fault } from '../../../../shared/fault.ts';
import { plotId } from '../../../../shared/model/ids.ts';
import { hasEnded } from '../../../../shared/model/plot.ts';
import { failed, ok, type Result } from '../../../../shared/result.ts';
import type { PlotRow } from '../../ledger/ledger.ts';
import { noFolder } from '../../is-folder.ts';
import type { CoreParts } from '../core-parts.ts';
import { createStartOn } from '../on-something.ts';
import { ownerName } from '../people.ts';

/** Friends' plots on disks that are carried. */
type CarryApi = Pick<Api, 'plots.export' | 'plots.import'>;

export function carryApi(parts: CoreParts): CarryApi {
  const { hosting, exporter } = parts;
  const startOn = createStartOn(parts.jobs);

  function start(kind: 'export' | 'import', row: PlotRow, folder: string) {
    const call = { row, folder, friend: ownerName(parts, row.owner) };
    return startOn({ kind, set: folder }, row.plot, (control) =>
      kind === 'export'
        ? hosting.carry.takeOut(call, control)
        : hosting.carry.bringIn(call, control),
    );
  }

  return {
    'plots.export': async ({ plot, to }) => {
      const row = await hostedPlot(parts, plot);
      if (!row.ok) return row;
      const folder = await exporter.prepare(to);
      return folder.ok ? ok(start('export', row.value, folder.value)) : folder;
    },
    'plots.import': async ({ plot, from }) => {
      const row = await hostedPlot(parts, plot);
      if (!row.ok) return row;
      const wrong = isAbsolute(from)
        ? await noFolder(from)
        : fault('folder-missing', { folder: from });
      if (wrong !== undefined) return failed(wrong);
      return ok(start('import', row.value, await realpath(from)));
    },
  };
}

/** A plot of somebody's that lies here and has not ended. */
async function hostedPlot(
  { ledger, hosting, moment }: CoreParts,
  plot: string,
): Promise<Result<PlotRow, Fault>> {
  const id = plotId.safeParse(plot).data;
  const row = id && (await ledger.plot({ plot: id, moment: moment() }));
  if (row === undefined || hasEnded(row.state)) return failed(fault('plot-unknown', { plot }));
  const folder = hosting.offer()?.folder ?? '';
  return (await hosting.disk()).volumePresent
    ? ok(row)
    : failed(fault('volume-missing', { folder }));
}
