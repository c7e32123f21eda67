import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';

let mark: string | undefined;

/**
 * Tells this machine from another one that has the same name, of which there are many called `localhost` or `debian`. It says
 * nothing of the machine to those who can't guess what it is made of. One that changes (another dock) costs half an hour at most.
 */
export function machineMark(): string {
  mark ??= createHash('sha256')
    .update(`allotment machine\n${hostname()}\n${systemId() ?? addresses()}`)
    .digest('hex')
    .slice(0, 32);
  return mark;
}

/** What a Linux system calls itself for good; containers often have none. */
function systemId(): string | undefined {
  try {
    const id = readFileSync('/etc/machine-id', 'utf8').trim();
    return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function addresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return [...new Set(all.flatMap(({ mac, internal }) => (internal ? [] : mac)))].sort().join(' ');
}
