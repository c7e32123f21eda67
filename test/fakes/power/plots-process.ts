import { writeSync } from 'node:fs';
import { openPlotHost } from '../plot-host.ts';
import { guestOf } from './power-world.ts';

/**
 * A host with its plots and its books on one disk, in a process of its own, whose system calls are recorded:
 * `node plots-process.ts HOME ROUNDS`. Each line is what a guest knows of something from then on.
 */
const [home = '', rounds = '2'] = process.argv.slice(2);
const host = await openPlotHost(home);
const guest = guestOf(host, (known) => void writeSync(1, `${JSON.stringify(known)}\n`));
const plots = [guest.grant(), guest.grant()];
for (let round = 0; round < Number(rounds); round += 1)
  for (const plot of plots) {
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(1 + round * 3000));
    await Promise.all(texts.map((text) => guest.put(plot, text)));
    await guest.paper(plot, `manifest ${round} of ${plot}`);
    await guest.remove(plot, texts[0] ?? '');
    await host.hosting.chores();
  }
host.sql.close();
