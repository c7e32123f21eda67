/** Before specs of the built app: whoever runs them alone shall not test yesterday's build. */
import { build, parts } from './build.mjs';

export function setup() {
  const say = (sentence) => process.stderr.write(`${sentence}\n`);
  const { execPath: node, env } = process;
  for (const name of Object.keys(parts))
    if (!build(name, { node, env, say }))
      say('It could not be built; specs that need it will say so.');
}
