/** Whether `ready` was said; much of Electron may not be touched before, and a little not after. */
let ready = false;

export function isReady(): boolean {
  return ready;
}

export function setReady(): void {
  ready = true;
}

export function mustBeReady(what: string): void {
  if (!ready) throw new Error(`Cannot ${what} before app is ready`);
}
