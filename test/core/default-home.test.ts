import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultHome } from '../../electron/core/default-home.ts';

test.skipIf(process.platform === 'win32' || process.platform === 'darwin')(
  'the home is where the system keeps data, never in the folder that the program was called from',
  () => {
    const usual = join(homedir(), '.local', 'share', 'allotment');
    expect(defaultHome({})).toBe(usual);
    expect(defaultHome({ XDG_DATA_HOME: '/data' })).toBe('/data/allotment');
    expect(defaultHome({ XDG_DATA_HOME: '' })).toBe(usual);
    expect(defaultHome({ XDG_DATA_HOME: 'data' })).toBe(usual);
  },
);
