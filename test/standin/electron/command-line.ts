/** Chromium's switches, as far as main reads or sets them. */
const switches = new Map<string, string>();

export function readSwitches(args: readonly string[]): void {
  for (const arg of args) {
    const [, name, value = ''] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name !== undefined) switches.set(name, value);
  }
}

export const commandLine = {
  appendSwitch: (name: string, value = '') => {
    switches.set(name, value);
  },
  appendArgument: (value: string) => readSwitches([value]),
  hasSwitch: (name: string) => switches.has(name),
  getSwitchValue: (name: string) => switches.get(name) ?? '',
  removeSwitch: (name: string) => {
    switches.delete(name);
  },
};
