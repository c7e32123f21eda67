import { main } from './cli-main.ts';

/** The command line as it is packed with a Node of its own (`build/pack-headless.mjs`); `serve` is the program. */
process.exitCode = await main(process.argv.slice(2), { calledAs: 'allotment', kind: 'headless' });
