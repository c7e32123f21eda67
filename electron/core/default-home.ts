import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where the platform wants an app's data: XDG on Linux, Application Support on macOS, Roaming on Windows. */
export function defaultHome(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env['ALLOTMENT_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (process.platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'Allotment');
  if (process.platform === 'win32')
    return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Allotment');
  const data = env['XDG_DATA_HOME'] ?? '';
  // What is empty or no whole path counts as not said: a home in whatever folder it was called from would be another each time.
  return join(isAbsolute(data) ? data : join(homedir(), '.local', 'share'), 'allotment');
}
