import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LabHost } from './namespaces.ts';

export type Ear = {
  /** Everybody's packets so far, by who sent them. */
  readonly heard: () => readonly { readonly from: string; readonly bytes: number }[];
  readonly close: () => void;
};

/** Somebody on a network who says nothing and notes who does. */
export async function listenOn(host: LabHost): Promise<Ear> {
  const script = fileURLToPath(new URL('./ear.ts', import.meta.url));
  const child = host.spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.stdout === null) throw new Error('the ear can’t be read');
  const heard: { from: string; bytes: number }[] = [];
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve) => lines.once('line', () => resolve()));
  lines.on('line', (line) => {
    const [from = '', bytes = '0'] = line.split(' ');
    heard.push({ from, bytes: Number(bytes) });
  });
  return { heard: () => [...heard], close: () => void child.kill() };
}
