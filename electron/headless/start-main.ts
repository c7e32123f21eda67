import { type Fault, faults } from '../../shared/fault.ts';
import { untilStopped } from './cli-main.ts';
import { connectControl } from './control-client.ts';
import { defaultHome } from '../core/default-home.ts';
import { faultSentence } from './output.ts';
import { bearLostOutput } from './print.ts';
import { serve } from './serve.ts';
import { createTranslator } from './translator.ts';

/** `npm start`: the app for this user's home, with its window in the browser. */
export async function start(): Promise<number> {
  bearLostOutput();
  const t = await createTranslator();
  const home = defaultHome();
  const served = await serve({ home });
  if (served.ok) {
    const stopped = untilStopped();
    process.stdout.write(`Allotment is running. Its window: ${served.value.ready.web}\n`);
    process.stdout.write(
      `Friends reach it at port ${served.value.ready.port}. Ctrl-C ends it; nothing is lost by that.\n`,
    );
    const replaced = await Promise.race([stopped, served.value.core.replaced]);
    await served.value.close();
    if (replaced === undefined) return 0;
    return refused(replaced);
  }
  if (served.fault.code === 'already-running') {
    const client = await connectControl(home);
    const link = client.ok ? await client.value.webLink() : client;
    if (client.ok) client.value.close();
    if (link.ok) {
      const where = link.value.url === null ? ' is that of the app' : `: ${link.value.url}`;
      process.stdout.write(`Allotment is running already. Its window${where}\n`);
      return 0;
    }
  }
  return refused(served.fault);

  function refused(why: Fault): number {
    process.stderr.write(`${faultSentence(t, why)}\n`);
    return faults[why.code].exit;
  }
}
