import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the platform wants an app's data: XDG on Linux, Application Support on macOS, Roaming on Windows. */
export function defaultHome(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env['ALLOTMENT_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (process.platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'Allotment');
  if (process.platform === 'win32')
    return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Allotment');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'allotment');
}
