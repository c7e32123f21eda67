/**
 * What a sandboxed preload may use of Electron. Electron's own declarations bring Node's types with
 * them, which a preload must not see; `test/standin/electron/preload-types.ts` compares the two. As
 * in Electron what comes from main is `any`: main is trusted here, not the other way round.
 */
// oxlint-disable typescript/no-explicit-any
export const contextBridge: {
  exposeInMainWorld(apiKey: string, api: unknown): void;
};

export interface IpcRenderer {
  invoke(channel: string, ...args: any[]): Promise<any>;
  send(channel: string, ...args: any[]): void;
  on(channel: string, listener: (event: object, ...args: any[]) => void): IpcRenderer;
  off(channel: string, listener: (event: object, ...args: any[]) => void): IpcRenderer;
}
export const ipcRenderer: IpcRenderer;
