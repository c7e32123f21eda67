import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Electron from 'electron';
import { app } from './app.ts';

/** `windowStatePersistence`: the bounds of a window that has a name, kept in the user data folder. */
const stateFile = () => join(app.getPath('userData'), 'standin-windows.json');

type States = Record<string, Electron.Rectangle>;

function read(): States {
  try {
    return JSON.parse(readFileSync(stateFile(), 'utf8')) as States;
  } catch {
    return {};
  }
}

export function keptBounds(name: string): Electron.Rectangle | undefined {
  return read()[name];
}

export function keepBounds(name: string, bounds: Electron.Rectangle): void {
  writeFileSync(stateFile(), JSON.stringify({ ...read(), [name]: bounds }));
}

export function forgetBounds(name: string): void {
  const { [name]: _, ...rest } = read();
  writeFileSync(stateFile(), JSON.stringify(rest));
}
